"""Start-up check: every declaration is prepared against the database, so that a typo is found before a request."""

from enum import IntEnum
from typing import Any

import asyncpg
from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from schema.projection import mapping
from schema.projection.mapping import Column, Relation
from schema.projection.writing import place

FITS = {
    "Int": {"int2", "int4"},
    "String": {"text", "varchar", "bpchar"},
    "Boolean": {"bool"},
    "Float": {"float4", "float8", "numeric"},
    "Date": {"date"},
    "DateTime": {"timestamptz"},
    "ID": {"text", "int4", "int8", "uuid"},
    "JSON": {"json", "jsonb"},
}
STORED_ENUM = {"int2", "int4"}


async def check(schema: GraphQLSchema, connection: Any) -> list[str]:
    """Faults as lines of text; empty when the declarations fit the database."""
    faults: list[str] = []
    for graphql_type in schema.type_map.values():
        table = mapping.table_of(graphql_type)
        if not isinstance(graphql_type, GraphQLObjectType) or table is None:
            continue
        not_null = {
            r[0]
            for r in await connection.fetch(
                "select attname from pg_attribute where attrelid = to_regclass(nullif($1, '')) and attnotnull", table[0]
            )
        }
        beside = mapping.beside_of(graphql_type).items()
        added = ", ".join(f"null::{kind} as {name}" for name, kind in beside)
        rows = table[0]
        if added:
            rows = f"(select r.*, {added} from {table[0]} r)" if table[0] else f"(select {added})"
        not_null |= dict(beside).keys()  # what a find adds is its own promise
        for name, field in graphql_type.fields.items():
            source, where = mapping.source_of(graphql_type, field), f"{graphql_type.name}.{name}"
            try:
                if isinstance(source, Relation):
                    await _check_relation(connection, rows, source, get_named_type(field.type))
                elif isinstance(source, Column):
                    faults += [
                        f"{where}: {fault}" for fault in await _check_column(connection, rows, source, field, not_null)
                    ]
            except asyncpg.PostgresError as error:
                faults.append(f"{where}: {error}")
    return faults


async def _check_relation(connection: Any, rows: str, source: Relation, target: Any) -> None:
    inner, _ = mapping.table_of(target) or ("", "")
    through = f", {source.through}" if source.through else ""
    order = f" order by {source.order}" if source.order else ""
    sql = f"select from {inner} this{through} where {source.on}{order}"
    await connection.prepare(place(f"select from {rows} parent, lateral ({sql}) x", "this"))


async def _check_column(connection: Any, rows: str, source: Column, field: Any, not_null: set[str]) -> list[str]:
    prepared = await connection.prepare(f"select {source.sql} from {rows} this")
    found = prepared.get_attributes()[0].type
    leaf, faults = get_named_type(field.type), []
    if isinstance(leaf, GraphQLEnumType):
        wanted = STORED_ENUM
        if not all(isinstance(member, IntEnum) for _, member in mapping.enum_members(leaf)):
            faults.append(f"{leaf.name} is no IntEnum")
    else:
        wanted = FITS.get(leaf.name, set())
    is_array = found.name.endswith("[]") or found.kind == "array"
    if found.name.rstrip("[]").lstrip("_") not in wanted or is_array != is_list_type(get_nullable_type(field.type)):
        faults.append(f"{leaf.name} from a {found.name}")
    plain = source.sql.removeprefix("this.")
    if is_non_null_type(field.type) and plain.isidentifier() and plain not in not_null:
        faults.append(f"non-null, but the column {plain} may be null")
    return faults
