"""Sessions: found by their cookie, rotated, ended, too old."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_address

import asyncpg
import pytest

from sonograph import clock
from sonograph.accounts import sessions

pytestmark = pytest.mark.database

NewAccount = Callable[..., Awaitable[int]]
HERE = ip_address("198.51.100.4")


async def _age(pool: asyncpg.Pool, session_id: int, column: str, by: timedelta) -> None:
    await pool.execute(f"update accounts.session set {column} = {column} - $2::interval where id = $1", session_id, by)


async def _look(pool: asyncpg.Pool, token: str) -> sessions.Session:
    found = await sessions.look_up(pool, token)
    assert found
    return found


async def test_found_by_its_cookie_alone(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account("growth", "session@accounts.invalid")
    token = await sessions.create(pool, account, address=HERE, user_agent="a\nb" + "x" * 1000)
    found = await _look(pool, token)
    assert (found.account_id, found.email, found.plan) == (account, "session@accounts.invalid", "growth")
    assert (found.address, found.due, found.email_verified, found.reviewer) == (HERE, False, True, False)
    assert found.user_agent == ("a b" + "x" * 1000)[:300]
    assert found.expires_at - found.created_at == sessions.ABSOLUTE
    for wrong in ("", "x", token[:-1], token + "A", "\x00" * 43, "ä" * 43, secrets.token_urlsafe(32)):
        assert await sessions.look_up(pool, wrong) is None
    kept = await pool.fetchrow("select * from accounts.session where account_id = $1", account)
    assert token not in str(kept)


async def test_rotation_leaves_requests_under_way_a_moment(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    token = await sessions.create(pool, account, address=None)
    session = await _look(pool, token)
    await _age(pool, session.id, "rotated_at", sessions.ROTATE_AFTER * 1.1)
    assert (await _look(pool, token)).due
    new = await sessions.rotate(pool, token)
    assert new
    assert await sessions.rotate(pool, token) is None  # another request was first
    assert not (await _look(pool, token)).due
    assert (await _look(pool, new)).id == session.id
    await _age(pool, session.id, "rotated_at", sessions.GRACE * 1.1)
    assert await sessions.look_up(pool, token) is None
    assert (await _look(pool, new)).expires_at == session.expires_at
    newest = await sessions.rotate(pool, new, grace=False)
    assert newest
    assert await sessions.look_up(pool, new) is None
    assert await sessions.look_up(pool, newest)


@pytest.mark.parametrize(
    ("column", "by"), [("seen_at", sessions.IDLE), ("expires_at", sessions.ABSOLUTE)], ids=["idle", "absolute"]
)
async def test_old_sessions_are_over(pool: asyncpg.Pool, new_account: NewAccount, column: str, by: timedelta) -> None:
    account = await new_account()
    token = await sessions.create(pool, account, address=None)
    session = await _look(pool, token)
    await _age(pool, session.id, column, by - timedelta(minutes=10))
    assert await sessions.look_up(pool, token)
    await _age(pool, session.id, column, by)
    assert await sessions.look_up(pool, token) is None
    assert await sessions.list_sessions(pool, account) == []


async def test_seen_is_written_every_few_minutes(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    token = await sessions.create(pool, await new_account(), address=None)
    session = await _look(pool, token)
    assert (await _look(pool, token)).seen_at == session.seen_at
    await _age(pool, session.id, "seen_at", sessions.SEEN_EVERY * 2)
    await _look(pool, token)
    assert clock.now() - (await _look(pool, token)).seen_at < sessions.SEEN_EVERY


async def test_ended_one_by_one_or_all(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account, stranger = await new_account(), await new_account()
    tokens = [await sessions.create(pool, account, address=None) for _ in range(4)]
    theirs = await sessions.create(pool, stranger, address=None)
    listed = await sessions.list_sessions(pool, account)
    assert len(listed) == 4
    for number in (listed[0].id, 0, -5, 2**63):
        assert not await sessions.end_one(pool, stranger, number)
    assert await sessions.end_one(pool, account, (await _look(pool, tokens[3])).id)
    assert await sessions.end(pool, tokens[0]) == account
    assert await sessions.end(pool, tokens[0]) is None
    assert await sessions.end_all(pool, account, but=tokens[1]) == 1
    assert [await sessions.look_up(pool, token) is not None for token in tokens] == [False, True, False, False]
    assert await sessions.end_all(pool, account) == 1
    assert await sessions.look_up(pool, theirs)


async def test_an_account_has_a_bounded_number(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    first = await sessions.create(pool, account, address=None)
    for _ in range(sessions.MAX_SESSIONS):
        await sessions.create(pool, account, address=None)
    assert len(await sessions.list_sessions(pool, account)) == sessions.MAX_SESSIONS
    assert await sessions.look_up(pool, first) is None
