"""Clients whose connections are cut again and again: the short form of `python -m benchmarks.resume`."""

import asyncpg
import pytest

from benchmarks.resume.clients import CLIENTS
from benchmarks.resume.measure import Listening, measure
from sonograph.accounts.store import create_key
from tests.npm.test_graphql_http_audit import node
from tests.service import Service

pytestmark = pytest.mark.database


@pytest.mark.parametrize("name", CLIENTS)
async def test_nothing_is_lost_or_doubled(service: Service, pool: asyncpg.Pool, database_url: str, name: str) -> None:
    node(CLIENTS[name].package)
    key = await create_key(database_url, f"{name}@resume.invalid", "scale", test=True)
    account = await pool.fetchval("select account_id from accounts.api_key order by id desc limit 1")
    outcome = await measure(CLIENTS[name], Listening(service.port, pool, account, key), disconnects=40)
    assert outcome.is_right, outcome
    assert outcome.cuts >= 40
    assert outcome.opens > 20  # some were cut before the head of an answer
