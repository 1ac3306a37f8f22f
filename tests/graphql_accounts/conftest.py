"""People with accounts and keys on the running service."""

import itertools
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from sonograph.accounts.store import create_key
from tests.service import Service

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """An account with one key, and a client that uses it."""

    email: str
    key: str
    client: httpx.Client

    def send(self, query: str, **variables: Any) -> httpx.Response:
        return self.client.post("/graphql", json={"query": query, "variables": variables})

    def ask(self, query: str, **variables: Any) -> Json:
        """The data of an answer without errors."""
        body: Json = self.send(query, **variables).json()
        assert "errors" not in body, body
        data: Json = body["data"]
        return data

    def refused(self, query: str, **variables: Any) -> str:
        """The code of the only error."""
        (error,) = self.send(query, **variables).json()["errors"]
        code: str = error["extensions"]["code"]
        return code


Make = Callable[..., Coroutine[Any, Any, Person]]


@pytest_asyncio.fixture
async def database(service: Service, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to what the service works on."""
    assert service.url
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "accounts"})
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


_numbers = itertools.count(1)


@pytest.fixture
def person(service: Service, database_url: str, database: asyncpg.Connection, clients: ExitStack) -> Make:
    """Makes an account: `person(plan, test=True, reviewer=False)`."""

    async def make(plan: str = "scale", *, test: bool = True, reviewer: bool = False) -> Person:
        email = f"person{next(_numbers)}-{os.getpid()}@graphql.invalid"
        key = await create_key(database_url, email, plan, test=test)
        if reviewer:
            await database.execute("update account set reviewer = true where email = $1", email)
        client = clients.enter_context(httpx.Client(base_url=service.url, headers={"x-api-key": key}, timeout=20))
        return Person(email, key, client)

    return make
