"""The scope `read` of a key, for operations: needed by every root field of a query but `viewer`.

What `viewer`, mutations and subscriptions give needs other scopes; their resolvers ask for those.
"""

from collections.abc import Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from schema.projection.plans import Plan
from sonograph.accounts import scopes
from sonograph.accounts.principal import Principal

OTHERS = frozenset({"viewer", "__typename", "__schema", "__type"})


def check_scopes(principal: Principal, plan: Plan) -> None:
    """Refuse a read of the catalog to a key whose scopes leave it out; raises `Forbidden`."""
    if principal.scopes is None or scopes.READ in principal.scopes or not plan.is_query:
        return
    if any(field not in OTHERS for field in _roots(plan, plan.operation.selection_set)):
        scopes.require(principal.scopes, scopes.READ)


def _roots(plan: Plan, selections: SelectionSetNode) -> Iterator[str]:
    """Names of root fields, those in fragments too; a validated document has no circles."""
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, FragmentSpreadNode):
            yield from _roots(plan, plan.fragments[selection.name.value].definition.selection_set)
        elif isinstance(selection, InlineFragmentNode):
            yield from _roots(plan, selection.selection_set)
