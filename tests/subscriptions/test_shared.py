"""Equal subscriptions are executed once, whoever listens and over what."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from api.answer import Answer
from api.subscribing import Subscribing
from schema.build import build
from schema.projection.plans import Plans
from schema.resolvers.services import Services
from sonograph.accounts.plans import PlanTable
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine
from sonograph.events.event import event_id
from sonograph.events.hub import Hub
from sonograph.events.member import QueueMember
from sonograph.postgres.pool import Pool
from sonograph.settings import Settings
from tests.service import Service
from tests.subscriptions.conftest import Radio, Tune

pytestmark = pytest.mark.database

QUERY = "subscription ($after: ID) { plays(after: $after) { id play { track { title } stream { name } } } }"


class Counted:
    """A pool that counts the statements that are sent through it."""

    def __init__(self, pool: Any) -> None:
        self.pool, self.statements = pool, 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.pool, name)
        if name not in ("fetch", "fetchrow", "fetchval", "execute", "value"):
            return real

        async def counted(*arguments: Any, **options: Any) -> Any:
            self.statements += 1
            return await real(*arguments, **options)

        return counted


class Parts:
    """What subscriptions are made of, in this process."""

    def __init__(self, subscribing: Subscribing, plans: Plans, counts: Sequence[Counted]) -> None:
        self.subscribing, self.plans, self._counts = subscribing, plans, counts

    @property
    def statements(self) -> int:
        return sum(one.statements for one in self._counts)

    async def listener(self, radio: Radio, query: str = QUERY, **variables: Any) -> QueueMember:
        principal = Principal(radio.account_id, 1, "scale", test=True, email_verified=True)
        subscribed = await self.subscribing.subscribe(self.plans.get(query), variables, None, principal)
        member = QueueMember()
        await subscribed.join(member)
        return member


@pytest_asyncio.fixture
async def parts(service: Service, pool: asyncpg.Pool, database_url: str) -> AsyncIterator[Parts]:
    assert service.url
    catalog = Pool(database_url, "sandbox", size=2, statement_timeout_ms=5000)
    await catalog.open()
    accounts, sandbox = Counted(pool), Counted(catalog)
    settings = Settings(data_dir=Path("/nonexistent"))
    engine = Engine(settings, database_url, catalog, catalog, pool, PlanTable())
    counted = replace(engine, sandbox=sandbox, accounts=accounts)  # type: ignore[arg-type]  # they stand for pools
    async with Hub(pool, database_url) as hub:
        yield Parts(Subscribing(Services(counted, hub=hub)), Plans(build()), (accounts, sandbox))
    await catalog.close()


async def test_a_hundred_listeners_cost_the_statements_of_one(parts: Parts, tune: Tune) -> None:
    radio = await tune()
    one = await parts.listener(radio)
    before = parts.statements
    await radio.airs(1)
    first = await anext(aiter(one))
    alone = parts.statements - before
    # Wherever they begin, they go on together.
    others = [await parts.listener(radio, after=first_id(first)) for _ in range(50)]
    others += [await parts.listener(radio) for _ in range(49)]
    before = parts.statements
    await radio.airs(2)
    got = [await anext(aiter(member)) for member in (one, *others)]
    assert parts.statements - before == alone
    assert all(payload is got[0] for payload in got)
    another = await parts.listener(radio, QUERY.replace("title", "isrc"))
    before = parts.statements
    await radio.airs(3)
    await anext(aiter(another))
    await anext(aiter(one))
    assert parts.statements - before == 2 * alone


async def test_what_is_replayed_is_read_together(parts: Parts, tune: Tune) -> None:
    radio = await tune()
    ids = await radio.airs(*range(1, 31))
    before = parts.statements
    member = await parts.listener(radio, QUERY.replace(" stream { name }", ""), after=event_id(ids[0] - 1))
    events = aiter(member)
    got = [await anext(events) for _ in ids]
    assert [payload.event for payload in got if isinstance(payload, Answer)] == ids
    assert parts.statements - before == 2  # all airings, all tracks
    assert b"evt_" in got[0]


def first_id(payload: bytes) -> str:
    assert isinstance(payload, Answer)
    assert payload.event is not None
    return event_id(payload.event)
