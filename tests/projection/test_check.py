"""The declarations against the database, and the words of the schema."""

from typing import Any

import asyncpg
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_specified_scalar_type,
)

from schema.build import build
from schema.projection.check import check
from tests.projection.world import World


async def faults(world: World, ddl: str = "select 1", undo: str = "select 1") -> list[str]:
    """What check() finds after a change to the database that is undone again."""
    connection = await asyncpg.connect(world.dsn, server_settings={"search_path": "sandbox"})
    try:
        await connection.execute(ddl)
        return await check(world.plans.schema, connection)
    finally:
        await connection.execute(undo)
        await connection.close()


async def test_the_declarations_fit_the_database(world: World) -> None:
    assert await faults(world) == []


@pytest.mark.parametrize(
    ("ddl", "undo", "expected"),
    [
        (
            "alter table release alter title drop not null",
            "alter table release alter title set not null",
            ["Release.title: non-null, but the column title may be null"],
        ),
        (
            "alter table edition alter track_count type bigint",
            "alter table edition alter track_count type smallint",
            ["Edition.trackCount: Int from a int8"],
        ),
        (
            "alter table edition alter kind type text",
            "alter table edition alter kind type smallint using kind::smallint",
            ["Edition.kind: EditionKind from a text"],
        ),
        (
            "alter table edition rename column barcode to code",
            "alter table edition rename column code to barcode",
            ["Edition.barcode: column this.barcode does not exist"],
        ),
        (
            "alter table edition alter release_date type timestamptz",
            "alter table edition alter release_date type date",
            ["Edition.releaseDate: Date from a timestamptz"],
        ),
    ],
)
async def test_planted_faults_are_found(world: World, ddl: str, undo: str, expected: list[str]) -> None:
    found = [fault.partition("\n")[0] for fault in await faults(world, ddl, undo)]  # without the database's hints
    assert sorted(found) == expected


async def test_a_missing_relation_is_found(world: World) -> None:
    rename = "alter table track_genre rename column {} to {}"
    found = await faults(world, rename.format("genre_id", "other"), rename.format("other", "genre_id"))
    assert any(line.startswith("Track.genres: ") for line in found), found


def test_everything_is_described() -> None:
    bare = []
    for kind in build()._schema.type_map.values():
        if kind.name.startswith("__") or is_specified_scalar_type(kind):
            continue
        described: dict[str, Any] = {kind.name: kind}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                described[f"{kind.name}.{name}"] = field
                described |= {f"{kind.name}.{name}({n})": argument for n, argument in field.args.items()}
        elif isinstance(kind, GraphQLInputObjectType):
            described |= {f"{kind.name}.{name}": field for name, field in kind.fields.items()}
        elif isinstance(kind, GraphQLEnumType):
            described |= {f"{kind.name}.{name}": value for name, value in kind.values.items()}
        bare += [where for where, thing in described.items() if not (thing.description or "").strip()]
    assert bare == []
