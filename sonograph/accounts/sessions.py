"""Signed-in browsers. The cookie holds a random token; we keep its SHA-256.

A session ends 14 days after its last request, 90 days after the sign-in in any case. Its token changes at a sign-in,
with each change of what it may do, and once a day; then the token before it is good for another minute, because a
browser has several requests under way at once.

`pool` is `Engine.accounts`.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import asyncpg

from sonograph import clock
from sonograph.accounts.audit import Address

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=90)
ROTATE_AFTER = timedelta(days=1)
GRACE = timedelta(minutes=1)
SEEN_EVERY = timedelta(minutes=5)  # how exactly we know when a session was last seen: it is a write
MAX_SESSIONS = 50  # of an account; a sign-in beyond ends those not seen for longest
MAX_USER_AGENT = 300
TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Session:
    """A session and whose it is. `due`: the token shall be rotated with this answer."""

    id: int
    account_id: int
    email: str
    plan: str
    reviewer: bool
    email_verified: bool
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: Address | None
    user_agent: str
    due: bool


_SESSION = """select s.id, s.account_id, a.email, a.plan, a.reviewer, a.email_verified_at is not null as email_verified,
    s.created_at, s.seen_at, s.expires_at, s.address, s.user_agent, s.rotated_at, s.hash
  from accounts.session s join accounts.account a on a.id = s.account_id
  where s.expires_at > $1 and s.seen_at > $2 and """


async def create(connection: Any, account_id: int, *, address: Address | None, user_agent: str = "") -> str:
    """A new session; the text for the cookie."""
    token, now = _new_token(), clock.now()
    await connection.execute(
        "insert into accounts.session "
        "(hash, account_id, created_at, rotated_at, seen_at, expires_at, address, user_agent) "
        "values ($1, $2, $3, $3, $3, $4, $5, $6)",
        _hash(token),
        account_id,
        now,
        now + ABSOLUTE,
        address,
        CONTROL.sub(" ", user_agent)[:MAX_USER_AGENT],
    )
    await connection.execute(
        "delete from accounts.session where id in (select id from accounts.session where account_id = $1 "
        "order by seen_at desc, id desc offset $2)",
        account_id,
        MAX_SESSIONS,
    )
    return token


async def look_up(pool: asyncpg.Pool, token: str) -> Session | None:
    """The session of a cookie; None for one that is malformed, unknown, ended or too old."""
    if not TOKEN.fullmatch(token):
        return None
    now, digest = clock.now(), _hash(token)
    row = await pool.fetchrow(
        _SESSION + "(s.hash = $3 or (s.previous_hash = $3 and s.rotated_at > $4))", now, now - IDLE, digest, now - GRACE
    )
    if row is None:
        return None
    if row["seen_at"] < now - SEEN_EVERY:
        await pool.execute("update accounts.session set seen_at = $2 where id = $1", row["id"], now)
    return _session(row, due=row["hash"] == digest and row["rotated_at"] < now - ROTATE_AFTER)


async def rotate(connection: Any, token: str, *, grace: bool = True) -> str | None:
    """A new token for the session of this one. Without `grace` the old one ends now: for changes of what it may do.

    None when there is no such session any more, or another request has just rotated it.
    """
    new = _new_token()
    result = await connection.execute(
        "update accounts.session set hash = $2, previous_hash = $3, rotated_at = $4 where hash = $1",
        _hash(token),
        _hash(new),
        _hash(token) if grace else None,
        clock.now(),
    )
    return new if result == "UPDATE 1" else None


async def end(connection: Any, token: str) -> int | None:
    """End the session of a cookie; whose it was."""
    account: int | None = await connection.fetchval(
        "delete from accounts.session where hash = $1 or previous_hash = $1 returning account_id", _hash(token)
    )
    return account


async def end_one(connection: Any, account_id: int, session_id: int) -> bool:
    """End a session from the owner's list; whether it was one of theirs."""
    if not 0 < session_id < 1 << 63:
        return False
    result = await connection.execute(
        "delete from accounts.session where id = $1 and account_id = $2", session_id, account_id
    )
    return bool(result == "DELETE 1")


async def end_all(connection: Any, account_id: int, *, but: str | None = None) -> int:
    """End all sessions of an account, but the one of the token `but`; how many."""
    result = await connection.execute(
        "delete from accounts.session where account_id = $1 and ($2::bytea is null or hash <> $2)",
        account_id,
        None if but is None else _hash(but),
    )
    return int(result.split()[-1])


async def list_sessions(pool: asyncpg.Pool, account_id: int) -> list[Session]:
    """The sessions of an account, last seen first."""
    now = clock.now()
    rows = await pool.fetch(
        _SESSION + "s.account_id = $3 order by s.seen_at desc, s.id desc", now, now - IDLE, account_id
    )
    return [_session(row, due=False) for row in rows]


def _session(row: Any, *, due: bool) -> Session:
    members = dict(row)
    del members["hash"], members["rotated_at"]
    members["address"] = getattr(row["address"], "ip", row["address"])
    return Session(**members, due=due)


def _new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
