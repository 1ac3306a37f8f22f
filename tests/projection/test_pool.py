"""The read pool under trouble: slow statements, killed connections, too many readers, too many statements."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio

from schema.projection.lanes import answer, executed
from schema.projection.plans import Plans
from sonograph.errors import Invalid, Unavailable
from sonograph.postgres import pool as pools
from sonograph.postgres.pool import Pool, Timeout
from tests.projection.world import World

SLEEP = "select pg_sleep(20)::text"
ALIVE = "select 'alive'::text"
Open = Callable[..., Awaitable[Pool]]


@pytest_asyncio.fixture
async def opened(world: World) -> AsyncIterator[Open]:
    """Makes pools of this test's own."""
    made: list[Pool] = []

    async def make(size: int = 1, *, dsn: str = world.dsn, timeout_ms: int = 20_000, **settings: str) -> Pool:
        made.append(Pool(dsn, "catalog", size=size, statement_timeout_ms=timeout_ms, **settings))
        return await made[-1].open()

    yield make
    for pool in made:
        await pool.close()


async def backend(pool: Pool) -> int:
    return int(await pool.value("select pg_backend_pid()::text", []) or 0)


async def kill(link: asyncpg.Connection, pid: int) -> None:
    assert await link.fetchval("select pg_terminate_backend($1)", pid)
    while await link.fetchval("select exists (select from pg_stat_activity where pid = $1)", pid):  # noqa: ASYNC110  # it has no event
        await asyncio.sleep(0.01)


async def test_a_statement_that_takes_too_long_is_a_timeout(opened: Open) -> None:
    pool = await opened(timeout_ms=100)
    for _ in range(2):
        with pytest.raises(Timeout) as caught:
            await pool.value(SLEEP, [])
        assert caught.value.code == "TIMEOUT"
        assert await pool.value(ALIVE, []) == "alive"
    assert pool._open == 1


async def test_a_timeout_is_told_by_both_lanes(world: World, opened: Open, link: asyncpg.Connection) -> None:
    pool = await opened(timeout_ms=100)
    plan = world.plans.get("{ genres { name } }")
    # A lock stands in for work that takes too long.
    async with link.transaction():
        await link.execute("lock table catalog.genre in access exclusive mode")
        with pytest.raises(Timeout):
            await answer(plan, pool.value)
        got = await executed(plan, pool.value)
    assert [(e["path"], e["extensions"]) for e in got["errors"]] == [(["genres"], {"code": "TIMEOUT"})]
    assert len(orjson.loads(await answer(plan, pool.value))["data"]["genres"]) == 7


async def test_an_idle_connection_that_was_killed_is_replaced(opened: Open, link: asyncpg.Connection) -> None:
    pool = await opened()
    for _ in range(20):  # the read is asked in any turn between the server's last words and the end of the stream
        assert await link.fetchval("select pg_terminate_backend($1)", await backend(pool))
        assert await pool.value(ALIVE, []) == "alive"
        await kill(link, await backend(pool))
        assert await pool.value(ALIVE, []) == "alive"
    assert pool._open == 1


async def test_a_connection_that_was_killed_unnoticed_is_replaced(opened: Open, link: asyncpg.Connection) -> None:
    """The statement is on its way before the loop hears of the end."""
    pool = await opened()
    pid = await backend(pool)
    killed = asyncio.create_task(link.execute("select pg_terminate_backend($1)", pid))
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251  # the loop must not turn
    assert await pool.value(ALIVE, []) == "alive"
    await killed
    assert pool._open == 1


async def test_a_statement_whose_connection_is_killed_is_asked_again(opened: Open, link: asyncpg.Connection) -> None:
    pool = await opened()
    pid = await backend(pool)
    slow = asyncio.create_task(pool.value("select pg_sleep(0.5)::text || 'done'", []))
    await asyncio.sleep(0.1)
    await kill(link, pid)
    assert await slow == "done"
    assert pool._open == 1


async def test_a_database_that_goes_away_is_unavailable(opened: Open, link: asyncpg.Connection, world: World) -> None:
    name = world.dsn.partition("?")[0].rpartition("/")[2] + "_gone"
    await link.execute(f'create database "{name}" template template0')
    pool = await opened(2, dsn=world.dsn.replace(world.dsn.partition("?")[0].rpartition("/")[2], name))
    await link.execute(f'drop database "{name}" with (force)')
    start = time.monotonic()
    got = await asyncio.gather(*(pool.value(ALIVE, []) for _ in range(20)), return_exceptions=True)
    assert {type(error) for error in got} == {Unavailable}
    assert time.monotonic() - start < pools.WAIT_SECONDS / 2, "nobody waits for a connection that cannot come"
    assert pool._open == 0


async def test_waiting_for_a_connection_is_bounded(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.1)
    pool = await opened()
    slow = asyncio.create_task(pool.value("select pg_sleep(0.5)::text || 'done'", []))
    await asyncio.sleep(0.05)
    got = await asyncio.gather(*(pool.value(ALIVE, []) for _ in range(5)), return_exceptions=True)
    assert {type(error) for error in got} == {Unavailable}
    assert await slow == "done"
    assert await pool.value(ALIVE, []) == "alive"


async def test_readers_share_few_connections_in_order(opened: Open, link: asyncpg.Connection) -> None:
    pool = await opened(2, application_name="few connections")
    done: list[int] = []

    async def read(number: int) -> None:
        assert await pool.value("select $1::int::text", [number]) == str(number)
        done.append(number)

    await asyncio.gather(*(read(n) for n in range(100)))
    assert sorted(done) == list(range(100))
    assert await link.fetchval("select count(*) from pg_stat_activity where application_name = 'few connections'") == 2


async def test_readers_that_give_up_lose_no_connection(opened: Open) -> None:
    """At every moment: before the connection comes, in the turn in which it comes, in the middle of the statement."""
    pool = await opened(2)
    for _ in range(150):
        readers = [asyncio.create_task(pool.value("select pg_sleep(0.001)::text || 'x'", [])) for _ in range(6)]
        for turns in range(6):
            await asyncio.sleep(0.0004 * turns)
            readers[turns].cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    async with asyncio.timeout(pools.WAIT_SECONDS):
        assert await asyncio.gather(*(pool.value(ALIVE, []) for _ in range(4))) == ["alive"] * 4
    assert pool._open <= 2
    assert len(pool._free) == pool._open


async def test_a_connection_given_to_a_reader_that_has_just_given_up_goes_on(opened: Open) -> None:
    pool = await opened()
    connection = await pool._acquire()
    reader = asyncio.create_task(pool._acquire())
    await asyncio.sleep(0)
    pool._release(connection)  # it has the connection …
    reader.cancel()  # … and does not want it any more, in the same turn of the loop
    taken = (await asyncio.gather(reader, return_exceptions=True))[0]
    if not isinstance(taken, BaseException):
        pool._release(taken)
    assert pool._free == [connection]


async def test_prepared_statements_of_a_connection_are_bounded(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "MAX_STATEMENTS", 10)
    pool = await opened()
    count = "select (select count(*) from pg_prepared_statements)::text"
    kept = "select 'kept'::text"
    for number in range(60):
        assert await pool.value(f"select '{number}'::text", []) == str(number)
        assert await pool.value(kept, []) == "kept"
        # Closed with the next preparation, so one more may be there, and the one that counts.
        assert int(await pool.value(count, []) or 0) <= 12
    names = await pool.rows("select name, statement, generic_plans + custom_plans as runs from pg_prepared_statements")
    runs = {row["statement"]: row["runs"] for row in names}
    assert runs[kept] == 60, "in use all the time, so prepared once"
    assert all(row["name"].startswith("read_") for row in names if row["statement"] in (kept, count))


async def test_clients_cannot_fill_the_servers_memory_with_statements(world: World, opened: Open) -> None:
    pool = await opened()
    plans = Plans(world.plans.strawberry, size=20)
    for number in range(pools.MAX_STATEMENTS + 50):
        await answer(plans.get(f"{{ a{number}: genre(databaseId: 1) {{ id }} }}"), pool.value)
    count = await pool.value("select (select count(*) from pg_prepared_statements)::text", [])
    assert int(count or 0) <= pools.MAX_STATEMENTS + 1
    assert len(pool._free[0].statements) <= pools.MAX_STATEMENTS


async def test_what_cannot_be_stored_is_invalid(opened: Open) -> None:
    pool = await opened()
    for value in ("\0", "\ud800"):
        with pytest.raises(Invalid):
            await pool.value("select $1::text", [value])
    assert await pool.value(ALIVE, []) == "alive"


async def test_an_accident_is_masked_and_costs_no_connection(world: World, opened: Open) -> None:
    pool = await opened()

    async def broken(_sql: str, _values: Any) -> str | None:
        return await pool.value("select secret from nowhere", [])

    with pytest.raises(asyncpg.UndefinedTableError):
        await answer(world.plans.get("{ genres { id } }"), broken)
    got = await executed(world.plans.get("{ genres { id } }"), broken)
    assert got["errors"][0]["message"] == "Internal error."
    assert got["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "nowhere" not in str(got)
    assert await pool.value(ALIVE, []) == "alive"


async def test_a_closed_pool_takes_nobody(opened: Open) -> None:
    pool = await opened(2)
    slow = asyncio.create_task(pool.value("select pg_sleep(0.3)::text || 'done'", []))
    await asyncio.sleep(0.05)
    await pool.close()
    with pytest.raises(Unavailable):
        await pool.value(ALIVE, [])
    assert await slow == "done", "who has a connection may finish"
    assert pool._open == 0


async def test_a_value_that_cannot_be_sent_leaves_nothing_locked(opened: Open, link: asyncpg.Connection) -> None:
    """The driver refuses it between preparing and asking, where a transaction of the server is open."""
    pool = await opened()
    pid = await backend(pool)
    with pytest.raises(Invalid):
        await pool.value("select name from genre where id = $1::int", [2**40])
    assert not await link.fetchval("select count(*) from pg_locks where pid = $1", pid)
    assert await backend(pool) == pid
