"""The three doors, and the facts of the sandbox as plain rows: an oracle that shares no code with the answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from sonovault import SonoVault

from tests.contract.doors import Door, Rest, Vendor
from tests.contract.graphql_door import GraphQL
from tests.service import Service

TABLES = (
    *(
        "track",
        "artist",
        "label",
        "release",
        "edition",
        "release_track",
        "edition_track",
        "track_artist",
        "track_genre",
    ),
    *("genre", "isrc", "iswc", "work", "work_recording", "platform_link", "redirect"),
)


@pytest.fixture(scope="session")
def vendor(service: Service, test_key: str) -> Iterator[SonoVault]:
    with SonoVault(test_key, base_url=service.url, max_retries=0) as client:
        yield client


@pytest.fixture(params=["rest", "graphql", "vendor"])
def door(request: pytest.FixtureRequest, api: httpx.Client, vendor: SonoVault) -> Door:
    """One of the doors: a test that asks for it runs through each."""
    doors: dict[str, Door] = {"rest": Rest(api), "graphql": GraphQL(api), "vendor": Vendor(vendor)}
    return doors[request.param]


@pytest.fixture(scope="session")
def rest(api: httpx.Client) -> Rest:
    return Rest(api)


@pytest.fixture(scope="session")
def graphql(api: httpx.Client) -> GraphQL:
    return GraphQL(api)


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The sandbox's tables as lists of rows."""

    tables: dict[str, list[Row]]
    indexes: dict[tuple[str, ...], dict[tuple[Any, ...], list[Row]]] = field(default_factory=dict)

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]

    def where(self, table: str, **values: Any) -> list[Row]:
        """Rows with these values, in the table's order."""
        columns = tuple(values)
        index = self.indexes.get((table, *columns))
        if index is None:
            index = self.indexes[table, *columns] = {}
            for row in self.tables[table]:
                index.setdefault(tuple(row[column] for column in columns), []).append(row)
        return index.get(tuple(values.values()), [])

    def titled(self, table: str, title: str) -> int:
        """The id of the only row with this title or name."""
        name = "name" if table in {"artist", "label", "genre"} else "title"
        (row,) = self.where(table, **{name: title})
        number: int = row["id"]
        return number


@pytest_asyncio.fixture(scope="session")
async def facts(service: Service, database_url: str) -> Facts:
    assert service.url  # which has filled the catalog
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "sandbox"})
    try:
        return Facts(
            {table: [dict(row) for row in await connection.fetch(f'select * from "{table}"')] for table in TABLES}
        )
    finally:
        await connection.close()
