"""Credits: never more than the plan has, and counter, ledger and log are equal."""

import asyncio
from datetime import UTC, date, datetime

import asyncpg
import pytest

from sonograph.accounts import ledger, usage
from sonograph.accounts.bill import Bill
from sonograph.accounts.credits import Credits
from sonograph.accounts.plans import Plan, PlanTable
from sonograph.accounts.upkeep import sweep
from sonograph.errors import QuotaExceeded, Unauthenticated, Unavailable
from tests.credits.books import Books, books
from tests.credits.conftest import Make

pytestmark = pytest.mark.database


def table(monthly_credits: int) -> PlanTable:
    return PlanTable((Plan("free", monthly_credits, burst=20, paid=False, operation_cost=1, max_keys=1),))


async def test_a_request_is_charged_and_logged(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(100)) as counted:
        charge = await counted.take(who, 1)
        assert (charge.granted, charge.used, charge.remaining) == (1, 1, 99)
        counted.keep(who, "/v1/genres", charge)
    assert await books(pool, who.account_id) == Books(counter=1, ledger=1, log=1, leased=0)
    today = datetime.now(UTC).date()
    (row,) = await usage.usage_days(pool, who.account_id, today, today)
    assert (row.key_id, row.endpoint, row.requests, row.refused, row.credits) == (who.key_id, "/v1/genres", 1, 0, 1)


async def test_what_failed_is_not_charged(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(100)) as counted:
        charge = await counted.take(who, 3)
        counted.undo(charge)
        counted.undo(charge)  # once is enough, twice does nothing
    assert await books(pool, who.account_id) == Books(0, 0, 0, 0)


async def test_reads_of_one_operation_that_begin_together_pay_once(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(100)) as counted:
        bill = Bill(counted, who, [("Query.track", 1), ("Query.artist", 1)])
        await asyncio.gather(*(bill.pay() for _ in range(5)))
        bill.end(answered=True)
        spent = Bill(counted, who, [("Query.nodes", 99)])
        told = await asyncio.gather(*(spent.pay() for _ in range(3)), return_exceptions=True)
        assert [type(one) for one in told] == [QuotaExceeded] * 3
        spent.end(answered=False)
    assert await books(pool, who.account_id) == Books(counter=2, ledger=2, log=2, leased=0)


async def test_test_keys_are_counted_but_never_charged(pool: asyncpg.Pool, account: Make) -> None:
    who = await account(test=True)
    async with Credits(pool, table(2)) as counted:
        for _ in range(5):
            charge = await counted.take(who, 1)
            assert (charge.granted, charge.used, charge.remaining) == (1, 0, 2)
            counted.keep(who, "/v1/genres", charge)
    assert await books(pool, who.account_id) == Books(0, 0, 0, 0)
    assert await pool.fetchval("select requests from usage_day where account_id = $1", who.account_id) == 5


async def test_the_last_credits_are_shared_out_and_then_refused(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(10)) as counted:
        first = await counted.take(who, 7, least=1)
        second = await counted.take(who, 7, least=1)
        assert (first.granted, first.remaining, first.message) == (7, 3, None)
        assert (second.granted, second.remaining) == (3, 0)
        assert second.message is not None
        for wanted in (1, 7):
            with pytest.raises(QuotaExceeded, match="10 credits"):
                await counted.take(who, wanted, least=1)
        counted.keep(who, "/v1/tracks/resolve", first)
        counted.keep(who, "/v1/tracks/resolve", second)
    assert await books(pool, who.account_id) == Books(10, 10, 10, 0)


async def test_all_or_nothing_leaves_what_is_too_little(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(10)) as counted:
        counted.keep(who, "a", await counted.take(who, 8))
        with pytest.raises(QuotaExceeded):
            await counted.take(who, 3)
        counted.keep(who, "a", await counted.take(who, 2))
    assert await books(pool, who.account_id) == Books(10, 10, 10, 0)


async def test_a_reservation_is_kept_or_refunded_at_once(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(25)) as counted:
        kept = await counted.reserve(who, 12, "/v1/tracks/identify")
        failed = await counted.reserve(who, 12, "/v1/tracks/identify")
        with pytest.raises(QuotaExceeded):
            await counted.reserve(who, 12, "/v1/tracks/identify")
        await counted.refund(who, failed, "/v1/tracks/identify")
        assert (await books(pool, who.account_id)).counter == 12
        again = await counted.reserve(who, 12, "/v1/tracks/identify")
        counted.keep(who, "/v1/tracks/identify", kept)
        counted.keep(who, "/v1/tracks/identify", again)
    assert await books(pool, who.account_id) == Books(24, 24, 24, 0)
    kinds = await pool.fetch("select kind, amount from credit_entry where account_id = $1 order by id", who.account_id)
    assert [tuple(row) for row in kinds] == [("reserve", 12), ("reserve", 12), ("refund", -12), ("reserve", 12)]


async def test_a_busy_account_needs_few_statements_and_idle_credits_go_back(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(100_000)) as counted:
        for _ in range(1000):
            counted.keep(who, "a", await counted.take(who, 1))
        entries = await pool.fetchval("select count(*) from credit_entry where account_id = $1", who.account_id)
        assert entries <= 25  # 1 + 2 + 3 + 5 + 9 … + 65 a statement
        assert counted.unspent(who.account_id) > 0
        held = await books(pool, who.account_id)
        assert held.are_equal()
        balance = await usage.balance(pool, table(100_000), who.account_id, unspent=counted.unspent(who.account_id))
        assert (balance.used, balance.remaining) == (1000, 99_000)
        await counted.settle(idle_seconds=0)
        assert await books(pool, who.account_id) == Books(1000, 1000, 1000, 0)
        assert counted.unspent(who.account_id) == 0


@pytest.mark.parametrize("quota", [500, 20_000])
async def test_many_clients_get_the_quota_and_not_one_more(pool: asyncpg.Pool, account: Make, quota: int) -> None:
    who, granted = await account(), 0

    async def client(counted: Credits) -> None:
        nonlocal granted
        for _ in range(400):
            try:
                charge = await counted.take(who, 1)
            except QuotaExceeded:
                counted.keep(who, "a", refused=True)
            else:
                granted += 1
                counted.keep(who, "a", charge)

    async with Credits(pool, table(quota)) as one, Credits(pool, table(quota)) as two:
        work = asyncio.gather(*(client(counted) for counted in (one, two) for _ in range(32)))
        while not work.done():
            assert (await books(pool, who.account_id)).are_equal()
            await asyncio.sleep(0.01)
        await work
    assert granted == quota
    assert await books(pool, who.account_id) == Books(quota, quota, quota, 0)
    total = await pool.fetchrow(
        "select sum(requests)::int as requests, sum(refused)::int as refused from usage_day where account_id = $1",
        who.account_id,
    )
    assert tuple(total) == (25_600, 25_600 - quota)


async def test_a_request_at_the_turn_of_the_month_is_charged_to_one_month(pool: asyncpg.Pool, account: Make) -> None:
    who, moment = await account(), datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    async with Credits(pool, table(10), now=lambda: moment) as counted:
        old = await counted.take(who, 10)
        moment = datetime(2026, 2, 1, tzinfo=UTC)
        new = await counted.take(who, 10)
        counted.keep(who, "a", old)
        counted.keep(who, "a", new)
        await counted.settle()
    months = await pool.fetch(
        "select month, used from credit_month where account_id = $1 order by month", who.account_id
    )
    assert [tuple(row) for row in months] == [(date(2026, 1, 1), 10), (date(2026, 2, 1), 10)]
    days = await pool.fetch("select day, credits from usage_day where account_id = $1 order by day", who.account_id)
    assert [tuple(row) for row in days] == [(date(2026, 1, 31), 10), (date(2026, 2, 1), 10)]


async def test_a_smaller_plan_is_in_force_at_once(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(100_000)) as counted:
        for _ in range(100):
            counted.keep(who, "a", await counted.take(who, 1))
        assert counted.unspent(who.account_id) > 0
        counted.plans = table(100)
        with pytest.raises(QuotaExceeded):
            await counted.take(who, 1)
        assert counted.unspent(who.account_id) == 0
    balance = await usage.balance(pool, table(50), who.account_id)
    assert (balance.used, balance.limit, balance.remaining) == (100, 50, 0)


async def test_what_a_dead_process_held_is_lost_and_never_granted_again(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    dead, alive = Credits(pool, table(200), lease_seconds=0.0), Credits(pool, table(200))
    for _ in range(3):
        counted_by_nobody = await dead.take(who, 20)
        assert counted_by_nobody.granted == 20
    held = await books(pool, who.account_id)
    await sweep(pool, datetime.now(UTC))
    assert await books(pool, who.account_id) == Books(held.counter, held.counter, held.counter, 0)
    lost = await pool.fetchval(
        "select credits from usage_day where account_id = $1 and endpoint = $2", who.account_id, ledger.LOST
    )
    assert lost == held.counter >= 60
    rest = await alive.take(who, 200, least=1)
    assert rest.granted == 200 - held.counter
    # Back from the dead, it begins anew: what it held is neither spent as new credits nor logged twice.
    dead.keep(who, "a", counted_by_nobody)
    with pytest.raises(QuotaExceeded):
        await dead.take(who, 20)
    alive.keep(who, "a", rest)
    await alive.settle(idle_seconds=0)
    await dead.settle(idle_seconds=0)
    assert await books(pool, who.account_id) == Books(200, 200, 200, 0)


async def test_usage_sent_twice_counts_once(pool: asyncpg.Pool, account: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await account()
    async with Credits(pool, table(100)) as counted:
        counted.keep(who, "a", await counted.take(who, 5))
        send = counted._ledger.settle

        async def answer_lost(*values: object) -> None:
            await send(*values)  # type: ignore[arg-type]  # passed on
            raise ConnectionResetError

        monkeypatch.setattr(counted._ledger, "settle", answer_lost)
        with pytest.raises(ConnectionResetError):
            await counted.settle()
        monkeypatch.undo()
        counted.keep(who, "a", await counted.take(who, 2))
        await counted.settle()
        await counted.settle()
        assert (await books(pool, who.account_id)).log == 7


async def test_a_client_that_goes_away_while_it_waits_is_not_charged(pool: asyncpg.Pool, account: Make) -> None:
    who = await account()
    async with Credits(pool, table(100)) as counted:
        waiting = [asyncio.create_task(counted.take(who, 1)) for _ in range(10)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert await books(pool, who.account_id) == Books(0, 0, 0, 0)


async def test_an_account_that_was_deleted_is_nobody(pool: asyncpg.Pool, account: Make) -> None:
    who, other = await account(), await account()
    async with Credits(pool, table(100)) as counted:
        counted.keep(who, "a", await counted.take(who, 1))
        counted.keep(other, "a", await counted.take(other, 1))
        await pool.execute("delete from account where id = $1", who.account_id)
        with pytest.raises(Unauthenticated):
            await counted.take(who, 100)
        await counted.settle()
    assert (await books(pool, other.account_id)).log == 1


async def test_without_the_database_nothing_is_granted(migrated: str, account: Make) -> None:
    who = await account()
    gone = await asyncpg.create_pool(migrated, min_size=1, max_size=1, server_settings={"search_path": "accounts"})
    counted = Credits(gone, table(100))
    gone.terminate()
    with pytest.raises(Unavailable):
        await counted.take(who, 1)


async def test_old_usage_goes_and_old_ledgers_are_summed_up(pool: asyncpg.Pool, account: Make) -> None:
    who, moment = await account(), datetime(2026, 1, 5, tzinfo=UTC)
    counted = Credits(pool, table(100), now=lambda: moment)
    for _ in range(10):
        counted.keep(who, "a", await counted.take(who, 1))
        await counted.settle(idle_seconds=0)
    entries = "select count(*) from credit_entry where account_id = $1"
    assert await pool.fetchval(entries, who.account_id) > 5
    await sweep(pool, datetime(2026, 3, 5, tzinfo=UTC))
    assert await pool.fetchval(entries, who.account_id) <= 2
    assert await books(pool, who.account_id) == Books(10, 10, 10, 0)
    await sweep(pool, datetime(2027, 4, 5, tzinfo=UTC))
    assert await books(pool, who.account_id) == Books(0, 0, 0, 0)
