'''Where each field comes from, declared beside the Strawberry type and read back from the built schema.

    @row("release")
    class Release(Node):
        """One record."""
        title: str                                                   the column of the same name
        database_id: int = column("id")                              another column
        year: int | None = expr("extract(year from this.date)::int") any expression over `this`
        label: Label | None = one("this.id = parent.label_id")       to-one: how the label (`this`) meets the release
        tracks: list[Track] = many("…", order="this.position")       to-many, in an order
        @find(Connection[Edition])                                   anything with arguments: the body returns a Found
        def editions(first: int = 20, after: str | None = None) -> Found: …
        @computed("id")                                              Python; forces the executor, gets the columns named
        def now_playing(parent: Parent) -> bool: …

`this` and `parent` are replaced as words: neither may stand inside a string in SQL.
'''

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

import strawberry
from graphql import GraphQLEnumType, GraphQLField, GraphQLNamedType, GraphQLObjectType

SOURCE = "projection"  # the key in a field's metadata
VIEWER = "viewer"  # a find's parameter of this name gets who is asking, and is no argument of the field
T = TypeVar("T")
Parent = strawberry.Parent[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Column:
    sql: str


@dataclass(frozen=True, slots=True)
class Relation:
    on: str
    through: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Find:
    function: Callable[..., Any]
    wants_viewer: bool = False


@dataclass(frozen=True, slots=True)
class ByKey:
    attribute: str


@dataclass(frozen=True, slots=True)
class Computed:
    needs: tuple[str, ...]


Source = Column | Relation | Find | ByKey | Computed


def _field(source: Source, **options: Any) -> Any:
    return strawberry.field(metadata={SOURCE: source}, **options)


def column(name: str, **options: Any) -> Any:
    return _field(Column(f"this.{name}"), **options)


def expr(sql: str, **options: Any) -> Any:
    return _field(Column(f"({sql})"), **options)


def one(on: str, through: str = "", **options: Any) -> Any:
    return _field(Relation(on, through), **options)


def many(on: str, order: str, through: str = "", **options: Any) -> Any:
    return _field(Relation(on, through, order), **options)


def find(graphql_type: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """The decorated function takes the field's arguments and returns a Found (root or nested, one row or many).

    A parameter `viewer` gets who is asking (None in stored documents that no one asks for), for permissions inside the
    find. A find for a leaf type selects the column `value` of its row.
    """

    def wrap(function: Callable[..., Any]) -> Any:
        signature = inspect.signature(function)
        wants_viewer = VIEWER in signature.parameters

        def resolver() -> None:
            raise RuntimeError("executor.attach() replaces this")  # pragma: no cover

        # Strawberry reads arguments from the signature and takes no other hint, so it is shown one without the viewer.
        kept = [p for name, p in signature.parameters.items() if name != VIEWER]
        resolver.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]  # inspect's protocol
        resolver.__annotations__ = {k: v for k, v in function.__annotations__.items() if k != VIEWER}
        resolver.__name__, resolver.__doc__ = function.__name__, function.__doc__
        resolver.__module__ = function.__module__
        options.setdefault("description", inspect.cleandoc(function.__doc__) if function.__doc__ else None)
        return _field(Find(function, wants_viewer), resolver=resolver, graphql_type=graphql_type, **options)

    return wrap


def by_key(attribute: str, **options: Any) -> Any:
    """On an ordinary type (a payload, an event): the row whose id this Python attribute holds, fetched in batches."""
    return _field(ByKey(attribute), resolver=_never, **options)


def _never() -> None:
    raise RuntimeError("executor.attach() replaces this")  # pragma: no cover


def computed(*needs: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A Python resolver on a projected type; its `parent` is a dict holding the columns it needs, under `@name`."""

    def wrap(function: Callable[..., Any]) -> Any:
        return _field(Computed(needs), resolver=function, **options)

    return wrap


def row(
    table: str, key: str = "id", beside: dict[str, str] | None = None, **options: Any
) -> Callable[[type[T]], type[T]]:
    """A Strawberry type whose objects are rows of `table`; its docstring is its description.

    `beside` names columns (and their types) that the finds of this type add to those of the table. Without a table
    ("") all columns come from the finds.
    """

    def wrap(cls: type[T]) -> type[T]:
        options.setdefault("description", inspect.cleandoc(cls.__doc__) if cls.__doc__ else None)
        cls = strawberry.type(cls, **options)
        cls.__projection_row__ = table, key  # type: ignore[attr-defined]  # read back by table_of()
        cls.__projection_beside__ = beside or {}  # type: ignore[attr-defined]  # read back by beside_of()
        return cls

    return wrap


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Global id, opaque: pass it back as it is.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there are more rows behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for with a cursor.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row of this page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row: pass it as `after`.")


@strawberry.type(description="A row of a page with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Where this row stands: pass it as `after` to go on behind it.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    nodes: list[T] = strawberry.field(description="The rows of this page.")
    edges: list[Edge[T]] = strawberry.field(description="The rows of this page with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")
    next_cursor: str | None = strawberry.field(description="Pass as `after` for the next page; null on the last one.")
    total_count: int = strawberry.field(
        description="Rows in the whole list, counted only when asked for, up to 100,000."
    )


def definition(graphql_thing: Any) -> Any:
    """The Strawberry object behind a graphql-core type or field (None for introspection's own)."""
    return (graphql_thing.extensions or {}).get("strawberry-definition")


def table_of(graphql_type: GraphQLNamedType) -> tuple[str, str] | None:
    """(table, key column) of a type made by @row."""
    origin = getattr(definition(graphql_type), "origin", None)
    table: tuple[str, str] | None = getattr(origin, "__projection_row__", None)
    return table


def beside_of(graphql_type: GraphQLNamedType) -> dict[str, str]:
    """{column: type} that finds of this type add to the table's own."""
    beside: dict[str, str] = getattr(getattr(definition(graphql_type), "origin", None), "__projection_beside__", {})
    return beside


def is_connection(graphql_type: GraphQLNamedType) -> bool:
    of = getattr(definition(graphql_type), "concrete_of", None)
    return of is not None and issubclass(of.origin, Connection)


def enum_members(graphql_type: GraphQLEnumType) -> list[tuple[str, Enum]]:
    """(GraphQL name, stored member) of each value of an enum."""
    members = definition(graphql_type).wrapped_cls.__members__
    return [(name, members[name]) for name in graphql_type.values]


def source_of(graphql_type: GraphQLObjectType, graphql_field: GraphQLField) -> Source | None:
    """Where a field comes from; None when it is an ordinary Strawberry field."""
    field = definition(graphql_field)
    if field is None:
        return None
    source: Source | None = field.metadata.get(SOURCE)
    table = table_of(graphql_type)
    if source is None and table is not None and field.base_resolver is None:
        if field.python_name == "id" and any(i.name == "Node" for i in graphql_type.interfaces):
            text = f"'{graphql_type.name}:' || this.{table[1]}"
            return Column(f"translate(encode(convert_to({text}, 'UTF8'), 'base64'), E'\\n', '')")
        return Column(f"this.{field.python_name}")
    return source
