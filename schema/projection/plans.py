"""Plans: text -> limits, validation, tree, statements; kept in a bounded cache, least recently used out first."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.projection.arguments import Binding, Variables, bind
from schema.projection.limits import TOO_MUCH, Limits
from schema.projection.reading import Branch, Call, Keys, Leaf, NotCompilable, Reader, directive_variables, quote
from schema.projection.writing import MARK, OBJECT, Writer, name

MAX_VARIANTS = 64  # trees a plan, statements a tree: clients choose flags and nulls
MAX_KEPT = 1_000_000  # characters of all documents kept: a parsed one takes 70 bytes a character
MAX_ERRORS = 20  # of validation that are reported
RULES = (*specified_rules, OneOfInputValidationRule)  # Strawberry checks @oneOf by a rule of its own


@dataclass(slots=True)
class Tree:
    """One reading of a selection, and the statements written from it: one for each combination of find forms."""

    members: list[Leaf | Branch]
    bindings: list[Binding | Keys]
    calls: list[Call | Keys]
    path: tuple[str, ...] = ()  # which value is the answer: () the whole of data, ("artist", "releases") a part of it
    statements: dict[tuple[object, ...], tuple[str, list[int] | None]] = field(default_factory=dict)

    def statement(self, founds: list[Any]) -> tuple[str, list[int] | None]:
        """(SQL, which parameters it uses: None for all).

        PostgreSQL refuses a parameter that nothing uses, and a limit is unused where only totalCount is selected.
        """
        forms = tuple([found.form for found in founds])
        known = self.statements.get(forms)
        if known is None:
            if len(self.statements) >= MAX_VARIANTS:
                self.statements.clear()
            writer = Writer(self.calls, founds)
            result = f"row_to_json({OBJECT})::text"
            if self.path:
                result = f"({name(self.path[0])}{''.join(f'->{quote(step)}' for step in self.path[1:])})::text"
            sql = f"select {result} from (select {writer.columns(self.members, '')}) {OBJECT}"
            used = sorted({int(n) for n in MARK.findall(sql)})
            if used == list(range(1, sum(len(found.values) for found in founds) + 1)):
                known = sql, None
            else:
                known = MARK.sub(lambda mark: f"${used.index(int(mark[1])) + 1}", sql), used
            self.statements[forms] = known
        return known

    def prepare(
        self, plans: "Plans", variables: VariableValues, viewer: Any, ids: list[int] | None = None
    ) -> tuple[str, Sequence[Any]]:
        """(SQL, parameters). `ids` feed the find of a batch."""
        founds = [
            b.function(ids or []) if type(b) is Keys else b.find(plans, variables, viewer)  # type: ignore[union-attr]  # `type is` narrows only for us
            for b in self.bindings
        ]
        sql, used = self.statement(founds)
        values = list(chain.from_iterable([found.values for found in founds]))
        return sql, values if used is None else [values[n - 1] for n in used]


class Plan:
    """A validated operation. `errors` set: refuse. `trees[flags]` None: executor lane."""

    operation: OperationDefinitionNode
    document: DocumentNode
    is_subscription = False  # where there are errors, too

    def __init__(
        self, plans: "Plans", text: str, operation_name: str | None, path: tuple[str, ...], *, rest: bool
    ) -> None:
        self.plans, self.path, self.rest = plans, path, rest
        self.cost = 0
        self.trees: dict[tuple[Any, ...], Tree | None] = {}
        self.field_trees: dict[tuple[Any, ...], Tree] = {}
        self.prices: tuple[tuple[str, int], ...] | None = None  # of pricing.py, where no variable decides
        self.fixed_answer: bytes | None = None  # of introspection, which costs 20 ms and never changes
        self.errors = self.read_document(text, operation_name)
        if self.errors:
            return
        operation = get_operation_ast(self.document, operation_name)
        if operation is None:
            self.errors = [GraphQLError("Unknown or ambiguous operation name.")]
            return
        self.operation = operation
        self.fragments = {
            d.name.value: FragmentDetails(d) for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self.variables = Variables(plans.schema, operation.variable_definitions)
        self.flags = directive_variables(self.document)
        self.is_query = operation.operation == OperationType.QUERY
        self.is_subscription = operation.operation == OperationType.SUBSCRIPTION
        # Fields alone: a fragment may have any name, and hold a read whose answer must not be kept.
        self.is_introspection = all(
            isinstance(s, FieldNode) and s.name.value in ("__schema", "__type", "__typename")
            for s in operation.selection_set.selections
        )

    def read_document(self, text: str, operation_name: str | None) -> list[GraphQLError] | None:
        plans = self.plans
        try:
            plans.limits.check_text(text)
            self.document = parse(text, no_location=False, max_tokens=plans.limits.tokens)
            self.cost = plans.limits.check_document(plans.schema, self.document, operation_name)
            return (
                validate(
                    plans.schema,
                    self.document,
                    plans.rules,
                    max_errors=MAX_ERRORS,
                    hide_suggestions=plans.hide_suggestions,
                )
                or None
            )
        except RecursionError:
            return [GraphQLError("Too much: nesting.", extensions=TOO_MUCH)]
        except GraphQLError as error:
            return [error]

    def tree(self, variables: VariableValues) -> Tree | None:
        flags = tuple([variables.coerced.get(flag) for flag in self.flags])
        if flags not in self.trees:
            if len(self.trees) >= MAX_VARIANTS:
                self.trees.clear()
            self.trees[flags] = self.read(variables)
        return self.trees[flags]

    def read(self, variables: VariableValues) -> Tree | None:
        if not self.is_query:
            return None
        try:
            reader = Reader(self.plans.schema, self.operation, self.fragments, variables, rest=self.rest)
            members = reader.root()
            bindings = [bind(call, self.plans, self.operation) for call in reader.calls if isinstance(call, Call)]
        except (NotCompilable, GraphQLError):
            return None
        return Tree(members, list(bindings), reader.calls, self.path)

    def field_tree(self, info: GraphQLResolveInfo[Any], *, batch: bool = False) -> Tree:
        """The executor lane's question: one field's selection, keyed by where it stands and by the flags in force."""
        variables: Any = info.variable_values
        place = tuple([key for key in info.path.as_list() if isinstance(key, str)])
        key = info.parent_type.name, place, tuple([variables.coerced.get(flag) for flag in self.flags])
        tree = self.field_trees.get(key)
        if tree is None:
            if len(self.field_trees) >= MAX_VARIANTS:
                self.field_trees.clear()
            reader = Reader(info.schema, info.operation, self.fragments, variables, for_executor=True)
            response_key, nodes = str(info.path.key), list(info.field_nodes)
            if batch:
                members = reader.batch(response_key, info.return_type, nodes)
            else:
                members = reader.field(info.parent_type, response_key, nodes)
            bindings = [c if isinstance(c, Keys) else bind(c, self.plans, info.operation) for c in reader.calls]
            tree = self.field_trees[key] = Tree(members, bindings, reader.calls, (response_key,))
        return tree


class Plans:
    """Bounded, because clients choose the texts."""

    def __init__(  # noqa: PLR0913  # settings, all but two by name
        self,
        strawberry_schema: strawberry.Schema,
        limits: Limits | None = None,
        size: int = 1000,
        *,
        compiled_reads: bool = True,
        introspection: bool = True,
        hide_suggestions: bool = False,
    ) -> None:
        self.strawberry = strawberry_schema
        self.schema: GraphQLSchema = strawberry_schema._schema  # noqa: SLF001  # Strawberry has no public name for it
        self.config = strawberry_schema.config
        self.scalars = strawberry_schema.schema_converter.scalar_registry
        self.limits, self.size = limits or Limits(), size
        self.rules = RULES if introspection else (*RULES, NoSchemaIntrospectionCustomRule)
        self.compiled_reads, self.hide_suggestions = compiled_reads, hide_suggestions
        self.kept: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()
        self.kept_characters = 0

    def get(
        self, text: str, operation_name: str | None = None, path: tuple[str, ...] = (), *, rest: bool = False
    ) -> Plan:
        key = text, operation_name, path, rest
        plan = self.kept.get(key)
        if plan is not None:
            self.kept.move_to_end(key)
            return plan
        plan = Plan(self, text, operation_name, path, rest=rest)
        if plan.errors:
            return plan  # not kept: whoever sends a wrong document sends another one next time
        self.kept[key] = plan
        self.kept_characters += len(text)
        while len(self.kept) > self.size or (self.kept_characters > MAX_KEPT and len(self.kept) > 1):
            (oldest, *_), _ = self.kept.popitem(last=False)
            self.kept_characters -= len(oldest)
        return plan
