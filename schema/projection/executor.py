"""The executor lane: the same schema run by graphql-core, for whatever is not a plain read.

A root field asks the compiler for its sub-selection and gets plain dicts keyed by *response key*, so that aliases and
arguments are already settled; every projected field below just picks its value by the key under which it is answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    is_abstract_type,
)

from schema.projection import mapping
from schema.projection.mapping import ByKey, Computed, Connection, Edge, Find, PageInfo
from schema.projection.plans import Plan

Info = GraphQLResolveInfo[Any]
Run = Callable[[str, Sequence[Any]], Awaitable[str | None]]


@dataclass(slots=True)
class Context:
    """What resolvers get as `info.context`: the plan in force, the reads of the catalog asked, and who asks.

    `services` are for what is no read of the catalog; `client` is the (address, port) that the request came from;
    `bill` charges what a mutation does, None where nothing is charged.
    """

    plan: Plan
    run: Run
    viewer: Any = None
    services: Any = None
    client: tuple[str, int] | None = None
    bill: Any = None
    batches: dict[tuple[str, ...], "_Batch"] = field(default_factory=dict)


def by_response_key(source: dict[str, Any], info: Info, **_arguments: Any) -> Any:
    return source[str(info.path.key)]


def enum_by_response_key(enum: Any) -> Callable[..., Any]:
    """Strawberry wants members, the row holds the name."""
    members = enum.wrapped_cls.__members__

    def resolve(source: dict[str, Any], info: Info, **_arguments: Any) -> Any:
        name = source[str(info.path.key)]
        return None if name is None else members[name]

    return resolve


async def project(info: Info) -> Any:
    """What any resolver calls to answer its own field's selection; its finds get the field's own arguments."""
    context: Context = info.context
    tree = context.plan.field_tree(info)
    statement, values = tree.prepare(context.plan.plans, info.variable_values, context.viewer)
    text = await context.run(statement, values)
    return None if text is None else orjson.loads(text)


class _Batch:
    """All rows that one turn of the loop asks for under one field: one statement, however many parents there are."""

    def __init__(self, info: Info, key: tuple[str, ...]) -> None:
        self.info, self.key = info, key
        self.ids: list[int] = []
        self.answer = asyncio.ensure_future(self.fetch())

    async def fetch(self) -> list[Any]:
        await asyncio.sleep(0)
        context: Context = self.info.context
        del context.batches[self.key]
        tree = context.plan.field_tree(self.info, batch=True)
        statement, values = tree.prepare(context.plan.plans, self.info.variable_values, context.viewer, self.ids)
        rows: list[Any] = orjson.loads(await context.run(statement, values) or "[]")
        return rows


def row_by_key(attribute: str) -> Callable[..., Any]:
    async def resolve(source: Any, info: Info, **_arguments: Any) -> Any:
        row_id = getattr(source, attribute)
        if row_id is None:
            return None
        context: Context = info.context
        # The type as well: under a union, one response key may stand for two selections.
        key = info.parent_type.name, *[k for k in info.path.as_list() if isinstance(k, str)]
        batch = context.batches.get(key)
        if batch is None:
            batch = context.batches[key] = _Batch(info, key)
        batch.ids.append(row_id)
        place = len(batch.ids) - 1
        return (await batch.answer)[place]

    return resolve


def row_or_attribute(attribute: str) -> Callable[..., Any]:
    """Pages are dicts where the projection made them, and ordinary objects where a resolver did.

    A method of such an object (the count of all rows) is called when its field is asked for, and no sooner.
    """

    def resolve(source: Any, info: Info, **_arguments: Any) -> Any:
        if isinstance(source, dict):
            return source[str(info.path.key)]
        value = getattr(source, attribute)
        return value() if callable(value) else value

    return resolve


def whole_floats(value: Any) -> Any:
    """123, not 123.0, as PostgreSQL and JavaScript write it. Float cannot be redefined, so answers are walked."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004  # float8's text changes there
        return int(value)
    if isinstance(value, dict):
        return {key: whole_floats(v) for key, v in value.items()}
    return [whole_floats(v) for v in value] if isinstance(value, list) else value


def _row_or(resolve_type: Any) -> Callable[..., Any]:
    """Rows name their type; unions and interfaces of ordinary objects go on as Strawberry resolves them."""
    return lambda value, *rest: value["@type"] if isinstance(value, dict) else resolve_type(value, *rest)


def attach(strawberry_schema: strawberry.Schema) -> strawberry.Schema:
    """Give each projected field its value from the row, and let rows tell their own type.

    Strawberry's default resolver does not see `info`, and its is_type_of wants instances, so both are replaced, once.
    """
    schema = strawberry_schema._schema  # noqa: SLF001  # Strawberry has no public name for it
    for graphql_type in schema.type_map.values():
        if is_abstract_type(graphql_type):
            graphql_type.resolve_type = _row_or(graphql_type.resolve_type)
        if not isinstance(graphql_type, GraphQLObjectType):
            continue
        of = getattr(mapping.definition(graphql_type), "concrete_of", None)
        origin = of.origin if of else getattr(mapping.definition(graphql_type), "origin", None)
        is_page = isinstance(origin, type) and issubclass(origin, Connection | Edge | PageInfo)
        is_row = bool(mapping.table_of(graphql_type)) or is_page
        if is_row:
            graphql_type.is_type_of = None
        for graphql_field in graphql_type.fields.values():
            resolve = _resolver(graphql_type, graphql_field, is_page=is_page, is_row=is_row)
            if resolve is not None:
                graphql_field.resolve = resolve
    return strawberry_schema


def _resolver(
    graphql_type: GraphQLObjectType, graphql_field: GraphQLField, *, is_page: bool, is_row: bool
) -> Callable[..., Any] | None:
    """What takes the place of Strawberry's resolver; None where that one stays."""
    source = mapping.source_of(graphql_type, graphql_field)
    if isinstance(source, Computed):
        return None
    if is_page:
        return row_or_attribute(mapping.definition(graphql_field).python_name)
    if is_row:
        leaf = get_named_type(graphql_field.type)
        enum = mapping.definition(leaf) if isinstance(leaf, GraphQLEnumType) else None
        return enum_by_response_key(enum) if enum else by_response_key
    if isinstance(source, ByKey):
        return row_by_key(source.attribute)
    if isinstance(source, Find):
        return lambda _source, info, **_arguments: project(info)
    return None
