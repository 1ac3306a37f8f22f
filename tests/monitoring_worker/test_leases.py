"""Streams are shared evenly by those who live, and by nobody twice; times are the database's."""

from random import Random

import asyncpg

from sonograph.monitoring import lease_store
from sonograph.monitoring.leases import (
    DEAD_SECONDS,
    FENCED_SECONDS,
    LENIENT_SECONDS,
    Leases,
    Member,
    fair_shares,
    surplus,
)
from tests.monitoring_worker import rows

STATION = "http://127.0.0.1:1/station.mp3"


class Hands:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def leases(pool: asyncpg.Pool, name: str, capacity: int = 100, hands: Hands | None = None) -> Leases:
    return Leases(pool, name, capacity, STATION, hands or Hands())


async def looked(*all_of: Leases) -> list[int]:
    """How many streams each has after a look of each, what is to be given away given."""
    found = []
    for one in all_of:
        held = await one.look()
        await one.give(held.to_give)
        found.append(len(held.streams) - len(held.to_give))
    return found


def may_write(one: Leases) -> bool:
    return one.may_write


async def dies(pool: asyncpg.Pool, one: Leases, seconds: float = DEAD_SECONDS + 1) -> None:
    """As if it had not been seen for so long; the server has been there all the time."""
    up = "select clock_timestamp() - pg_postmaster_start_time() > make_interval(secs => $1)"

    async def long_up() -> bool:
        return bool(await pool.fetchval(up, DEAD_SECONDS + 1))

    await rows.until(long_up, "the server is up for longer than a monitor may be away")
    change = "update monitor set seen_at = clock_timestamp() - make_interval(secs => $2) where id = $1"
    await pool.execute(change, one.id, seconds)


def test_shares_are_even_use_every_capacity_and_are_the_same_wherever_they_are_reckoned() -> None:
    random = Random(1)
    for _ in range(300):
        members = [Member(number, random.randint(0, 20), 0) for number in range(1, random.randint(2, 9))]
        streams = random.randint(0, 120)
        shares = fair_shares(members, streams)
        assert sum(shares.values()) == min(streams, sum(member.capacity for member in members))
        assert all(shares[member.id] <= member.capacity for member in members)
        full = {member.id for member in members if shares[member.id] == member.capacity}
        open_ones = [shares[member.id] for member in members if member.id not in full]
        assert not open_ones or max(open_ones) - min(open_ones) <= 1
        assert not open_ones or max(shares.values()) <= max(open_ones) + 1
        random.shuffle(members)
        assert fair_shares(members, streams) == shares


def test_what_is_nearly_even_stays_where_it_is() -> None:
    def given(*held: int) -> list[int]:
        members = [Member(number, 1000, count) for number, count in enumerate(held, 1)]
        shares = fair_shares(members, sum(held))
        return [surplus(member.id, members, shares) for member in members]

    assert given(6, 5) == given(5, 6) == [0, 0]
    assert given(2, 0) == [1, 0]
    assert given(104, 96) == [0, 0]
    assert given(200, 0) == [20, 0]  # not all at once
    assert given(0, 3) == [0, 2]


async def test_streams_are_shared_evenly_and_handed_over_to_who_comes(accounts: asyncpg.Pool) -> None:
    owner = await rows.account(accounts)
    for number in range(12):
        await rows.stream(accounts, owner, test=number >= 9)  # the last three are simulated
    one, two = leases(accounts, "one"), leases(accounts, "two")
    assert await looked(one) == [12]
    assert await looked(two) == [0]  # nothing is free yet
    await looked(one)
    assert (await looked(two))[0] in (4, 5)
    moved = [await looked(one, two) for _ in range(3)]
    assert moved[0] == moved[1] == moved[2]  # and then nothing moves any more
    held = [set((await each.look()).streams) for each in (one, two)]
    assert not held[0] & held[1]
    assert len(held[0] | held[1]) == 12

    await two.leave()
    assert await looked(one) == [12]
    assert await accounts.fetchval("select count(*) from monitor") == 1


async def test_a_monitor_that_is_full_leaves_streams_to_others(accounts: asyncpg.Pool) -> None:
    owner = await rows.account(accounts)
    for _ in range(6):
        await rows.stream(accounts, owner, test=False)
    small, large = leases(accounts, "small", capacity=2), leases(accounts, "large")
    assert await looked(small, large) == [2, 4]
    await large.leave()
    assert await looked(small) == [2]


async def test_the_streams_of_who_is_not_seen_are_taken_and_the_dead_may_not_write(accounts: asyncpg.Pool) -> None:
    owner, hands = await rows.account(accounts), Hands()
    for _ in range(3):
        await rows.stream(accounts, owner, test=False)
    one, two = leases(accounts, "one", hands=hands), leases(accounts, "two")
    assert await looked(one, two) == [3, 0]
    assert may_write(one)
    hands.at += FENCED_SECONDS
    assert not may_write(one)

    await dies(accounts, one, DEAD_SECONDS - 3)
    assert await looked(two) == [0]
    await dies(accounts, one)
    assert await looked(two) == [3]
    # It comes back, and has nothing until it is given something.
    assert await looked(one) == [0]
    assert may_write(one)


async def test_who_was_away_itself_does_not_judge_others_at_once(accounts: asyncpg.Pool) -> None:
    owner, hands = await rows.account(accounts), Hands()
    one, two = leases(accounts, "one"), leases(accounts, "two", hands=hands)
    await rows.stream(accounts, owner, test=False)
    assert await looked(one, two) == [1, 0]
    hands.at += DEAD_SECONDS + 2  # the network between us and the database was away, for both
    await dies(accounts, one)
    await dies(accounts, two)
    assert await looked(two) == [0]
    hands.at += LENIENT_SECONDS
    assert await looked(two) == [1]


async def test_who_was_forgotten_begins_anew(accounts: asyncpg.Pool) -> None:
    owner = await rows.account(accounts)
    await rows.stream(accounts, owner, test=False)
    one = leases(accounts, "one")
    assert await looked(one) == [1]
    before = one.id
    await dies(accounts, one, 100_000)
    async with accounts.acquire() as connection:
        assert await lease_store.forget(connection, 86_400) == 1
    assert await accounts.fetchval("select count(*) from stream where monitor_id is null") == 1
    assert await looked(one) == [1]
    assert one.id != before
