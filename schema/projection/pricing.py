"""What an operation costs in credits: a root lookup or page one, a list of ids or lines one each.

The same as /v1: what is read below a root field costs no more, and what is no read of the catalog nothing, but for
suggestions, which /v1 counts as requests.
"""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from schema.projection import mapping
from schema.projection.mapping import Find
from schema.projection.plans import Plan

Prices = tuple[tuple[str, int], ...]  # endpoint and credits

LINES = {"nodes": "ids", "resolveTracks": "items"}  # fields that answer a list one by one, and the argument that has it
AT_MOST = "atMost"
PRICED = {"suggestionCreate"}  # of fields that read no catalog
PRICED_OF_VIEWER = {"suggestions"}
VIEWER = "Query.viewer"
UNNAMED = (("graphql", 0),)  # where nothing is asked for but introspection


def prices(plan: Plan, given: Mapping[str, Any] | None) -> Prices:
    """Each root field with its price, those of one name together. Worked out once where variables do not matter."""
    if plan.prices is not None:
        return plan.prices
    variables = plan.variables.coerce(given or {})
    if not isinstance(variables, VariableValues):
        return UNNAMED  # the variables are wrong, and so nothing will be read
    found, depends = _prices(plan, variables)
    if not depends and not plan.flags:
        plan.prices = found
    return found


def are_reads(items: Prices) -> bool:
    """Whether all that costs is read through the projection, and can be charged when the first read begins."""
    return not any(price for endpoint, price in items if endpoint == VIEWER)


def _prices(plan: Plan, variables: VariableValues) -> tuple[Prices, bool]:
    root = plan.plans.schema.get_root_type(plan.operation.operation)
    if root is None:
        return UNNAMED, False
    schema = plan.plans.schema
    grouped = collect_fields(schema, plan.fragments, variables, root, plan.operation)
    total: dict[str, int] = {}
    depends = False
    for details in grouped.grouped_field_set.values():
        node = details[0].node
        name = node.name.value
        field = root.fields.get(name)
        if field is None:
            continue  # __schema, __type, __typename
        price = 0
        if isinstance(mapping.source_of(root, field), Find):
            price = 1
            if name in LINES:
                depends = True
                price = _lines(get_argument_values(field, node, variables), LINES[name])
        elif name in PRICED:
            price = 1
        elif name == "viewer":
            price = _of_viewer(plan, variables, field.type, details)
        endpoint = f"{root.name}.{name}"
        total[endpoint] = total.get(endpoint, 0) + price
    return tuple(total.items()) or UNNAMED, depends


def _lines(arguments: Mapping[str, Any], name: str) -> int:
    lines = len(arguments[name])
    at_most = arguments.get(AT_MOST)
    return lines if at_most is None else max(min(lines, at_most), 0)


def _of_viewer(plan: Plan, variables: VariableValues, kind: Any, details: list[FieldDetails]) -> int:
    named: GraphQLNamedType = getattr(kind, "of_type", kind)
    if not isinstance(named, GraphQLObjectType):
        return 0
    below = collect_subfields(plan.plans.schema, plan.fragments, variables, plan.operation, named, details)
    return sum(group[0].node.name.value in PRICED_OF_VIEWER for group in below.grouped_field_set.values())
