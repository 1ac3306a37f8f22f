"""Read a selection into a tree of columns and rows, once for a plan: finds depend on the request, selections do not.

graphql-core's own field collection does the semantics, so that merging, fragments, @skip/@include and type conditions
mean what they mean to the executor.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues
from graphql.language import DocumentNode, Node, Visitor, visit

from schema.projection import mapping
from schema.projection.mapping import Column, Computed, Find, Relation
from sonograph.catalog.lookup import rows_by_number
from sonograph.catalog.vocabulary import rest_name
from sonograph.postgres.found import Found


class NotCompilable(Exception):  # not a fault: the executor answers this operation instead
    """The selection holds something that is not a plain read."""


@dataclass(slots=True)
class Leaf:
    key: str
    sql: str


@dataclass(slots=True)
class Call:
    """A field whose rows come from a find: its arguments are worked out for each request."""

    field: GraphQLField
    node: FieldNode
    function: Callable[..., Found]
    wants_viewer: bool


@dataclass(slots=True)
class Keys:
    """The find of a batch: rows of one type by their ids, in the order of the ids, null where there is none."""

    type: str

    def function(self, ids: list[int]) -> Found:
        return rows_by_number(self.type, ids)


@dataclass(slots=True)
class Shape:
    """An object to build: its members, and the table that its row comes from."""

    type: str
    table: str
    key: str
    members: list["Leaf | Branch"]


@dataclass(slots=True)
class Part:
    """A selected field of a connection; `inner` are the rows' members, the page's facts or the edge's parts."""

    key: str
    name: str
    inner: list[Any] = field(default_factory=list)
    text: str = ""  # of __typename


@dataclass(slots=True)
class Branch:
    """A field that leads to other rows.

    kind: one, many, value (a leaf that a find selects), connection, or ref (rows of (type, id) behind an interface or
    union).
    """

    key: str
    kind: str
    source: Relation | Call | Keys
    shapes: list[Shape]
    parts: list[Part] = field(default_factory=list)  # of a connection
    many: bool = False  # of a ref
    sql: str = ""  # of a value: its text form


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Reader:
    """Selection -> tree.

    `for_executor` adds what graphql-core needs and a client must not see, under keys that no alias can have (`@…`).
    `rest` writes enum values as /v1 does.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what graphql-core's collection needs, and two switches
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
        variables: VariableValues,
        for_executor: bool = False,  # noqa: FBT001, FBT002  # see the class
        rest: bool = False,  # noqa: FBT001, FBT002  # see the class
    ) -> None:
        self.schema, self.operation, self.fragments, self.variables = schema, operation, fragments, variables
        self.for_executor, self.rest = for_executor, rest
        self.calls: list[Call | Keys] = []

    def root(self) -> list[Leaf | Branch]:
        query = self.schema.query_type
        if query is None:
            raise NotCompilable("no query type")
        return self.members(query, [self.operation])

    def collect(self, object_type: GraphQLObjectType, nodes: list[Any]) -> dict[str, list[FieldNode]]:
        grouped = collect_subfields(
            self.schema,
            self.fragments,
            self.variables,
            self.operation,
            object_type,
            [FieldDetails(node, None) for node in nodes],
        ).grouped_field_set
        return {key: [details.node for details in group] for key, group in grouped.items()}

    def members(self, object_type: GraphQLObjectType, nodes: list[Any]) -> list[Leaf | Branch]:
        members: list[Leaf | Branch] = []
        for key, same in self.collect(object_type, nodes).items():
            if same[0].name.value == "__typename":
                members.append(Leaf(key, quote(object_type.name) + "::text"))
            else:
                members += self.field(object_type, key, same)
        return members

    def field(self, object_type: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> list[Leaf | Branch]:
        name = nodes[0].name.value
        graphql_field = object_type.fields.get(name)
        source = mapping.source_of(object_type, graphql_field) if graphql_field else None
        if isinstance(source, Computed) and self.for_executor:
            return [Leaf("@" + column, f"this.{column}") for column in source.needs]
        if graphql_field is None or source is None or isinstance(source, Computed | mapping.ByKey):
            raise NotCompilable(f"{object_type.name}.{name}")
        if isinstance(source, Column):
            return [Leaf(key, self.text_form(source.sql, graphql_field.type))]
        if isinstance(source, Find):
            call = Call(graphql_field, nodes[0], source.function, source.wants_viewer)
            self.calls.append(call)
            return [self.branch(key, call, graphql_field.type, nodes)]
        return [self.branch(key, source, graphql_field.type, nodes)]

    def branch(self, key: str, source: Relation | Call, graphql_type: Any, nodes: list[FieldNode]) -> Branch:
        target = get_named_type(graphql_type)
        is_list = is_list_type(get_nullable_type(graphql_type))
        if is_leaf_type(target):
            return Branch(key, "value", source, [], sql=self.text_form("this.value", graphql_type))
        if is_abstract_type(target):
            shapes = [self.shape(t, nodes) for t in self.schema.get_possible_types(target) if mapping.table_of(t)]
            return Branch(key, "ref", source, shapes, many=is_list)
        if mapping.is_connection(target):
            return self.connection(key, source, target, nodes)
        return Branch(key, "many" if is_list else "one", source, [self.shape(target, nodes)])

    def batch(self, key: str, graphql_type: Any, nodes: list[FieldNode]) -> list[Leaf | Branch]:
        """The tree of a by_key field: a list of rows, one for each id."""
        target = get_named_type(graphql_type)
        keys = Keys(target.name)
        self.calls.append(keys)
        return [Branch(key, "ref", keys, [self.shape(target, nodes)], many=True)]

    def shape(self, object_type: Any, nodes: list[FieldNode]) -> Shape:
        table = mapping.table_of(object_type)
        if table is None:
            raise NotCompilable(f"{object_type.name} is no row")
        members = self.members(object_type, nodes)
        if self.for_executor:
            members.append(Leaf("@type", quote(object_type.name) + "::text"))
        return Shape(object_type.name, *table, members)

    def connection(self, key: str, source: Relation | Call, object_type: Any, nodes: list[FieldNode]) -> Branch:
        row_type: Any = get_named_type(object_type.fields["nodes"].type)
        table = mapping.table_of(row_type)
        if table is None:
            raise NotCompilable(f"{row_type.name} is no row")
        branch = Branch(key, "connection", source, [Shape(row_type.name, *table, [])])
        for part_key, same in self.collect(object_type, nodes).items():
            part = Part(part_key, same[0].name.value)
            inner_type: Any = get_named_type(object_type.fields[part.name].type) if part.name[0] != "_" else None
            if part.name == "nodes":
                part.inner = self.shape(row_type, list(same)).members
            elif part.name == "edges":
                part.inner = [
                    self.edge(k, s, inner_type, row_type) for k, s in self.collect(inner_type, list(same)).items()
                ]
            elif part.name == "pageInfo":
                part.inner = [
                    Part(k, s[0].name.value, text=quote(inner_type.name))
                    for k, s in self.collect(inner_type, list(same)).items()
                ]
            elif part.name == "__typename":
                part.text = quote(object_type.name)
            branch.parts.append(part)
        return branch

    def edge(self, key: str, nodes: list[FieldNode], edge_type: GraphQLNamedType, row_type: Any) -> Part:
        """A part of an edge: its cursor, its node, or an object made of columns that the find puts beside the row."""
        field_name = nodes[0].name.value
        inner: list[Leaf | Branch] = []
        if field_name == "node":
            inner = self.shape(row_type, nodes).members
        elif field_name not in ("cursor", "__typename"):
            beside: Any = get_named_type(edge_type.fields[field_name].type)  # type: ignore[attr-defined]  # an object type
            inner = self.shape(beside, nodes).members
        return Part(key, field_name, inner, quote(edge_type.name))

    def text_form(self, sql: str, graphql_type: Any) -> str:
        """The JSON text that graphql-core would have written for the value."""
        leaf = get_named_type(graphql_type)
        if is_list_type(get_nullable_type(graphql_type)):
            return sql  # arrays of text or int: their JSON needs no help
        if isinstance(leaf, GraphQLEnumType):
            whens = " ".join(
                f"when {member.value} then {quote(rest_name(member) if self.rest else name)}"
                for name, member in mapping.enum_members(leaf)
            )
            return f"case {sql} {whens} end"
        if leaf.name == "Float":
            return f"({sql})::float8 + 0"  # numeric would keep trailing zeros, and float8 the sign of -0
        if leaf.name == "DateTime":
            return f"to_char(({sql}) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        if leaf.name == "ID":
            return f"({sql})::text"
        return sql


def directive_variables(document: DocumentNode) -> list[str]:
    """Names of the variables that @skip/@include read: their values are part of a plan's key."""
    names: set[str] = set()

    class Flags(Visitor):
        def enter_directive(self, node: Any, *_: Node) -> None:
            names.update(a.value.name.value for a in node.arguments or () if a.value.kind == "variable")

    visit(document, Flags())
    return sorted(names)
