"""The keys of an account: listed, made, rotated, renamed, revoked by their owner.

`pool` is `Engine.accounts`. A key of somebody else does not exist: `NotFound`. Times are in UTC; `address` is where the
owner asks from, for the audit log, None for an operator. `acting` is the id of the key that asks, which is bound by
key_rights.py and named in the audit log; None for a person with a session and for an operator, who are not bound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from sonograph import clock
from sonograph.accounts import audit, key_rights, networks, scopes
from sonograph.accounts.audit import Address
from sonograph.accounts.keys import NewKey, generate
from sonograph.accounts.names import CONTROL
from sonograph.errors import Conflict, Invalid, LimitReached, NotFound, Unauthenticated

MAX_KEYS = 50  # of an account, in force; those that a rotation replaced do not count
MAX_NAME = 100
MAX_SHOWN = 500
SHOWN_AFTER_END = timedelta(days=90)
OVERLAP = timedelta(hours=24)
MAX_OVERLAP = timedelta(hours=720)
MAX_LIFE = timedelta(days=3660)
NO_KEY = "There is no such key."


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its owner sees it: everything but its text. `hint` is its prefix and last four characters."""

    id: int
    account_id: int
    hint: str
    test: bool
    name: str
    scopes: tuple[str, ...] | None
    networks: tuple[str, ...] | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: int | None

    @property
    def in_force(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > clock.now())


MEMBERS = tuple(field.name for field in fields(Key))


async def list_keys(pool: asyncpg.Pool, account_id: int) -> list[Key]:
    """Keys in force and those that ended within 90 days, newest first, at most 500."""
    rows = await pool.fetch(
        "select * from accounts.api_key where account_id = $1 "
        "and least(revoked_at, expires_at, 'infinity') > $2 order by id desc limit $3",
        account_id,
        clock.now() - SHOWN_AFTER_END,
        MAX_SHOWN,
    )
    return [_key(row) for row in rows]


async def create_key(  # noqa: PLR0913  # the members of a key
    pool: asyncpg.Pool,
    account_id: int,
    *,
    name: str,
    test: bool | None = None,
    scopes: Iterable[str] | None = None,
    networks: Iterable[str] | None = None,
    expires_at: datetime | None = None,
    address: Address | None = None,
    at_most: int = MAX_KEYS,
    acting: int | None = None,
) -> tuple[Key, str]:
    """A new key, and its text, which is never seen again. `LimitReached` when `at_most` keys are in force already.

    What is None is as the acting key has it; without one it is a live key without limits.
    """
    wanted = _wanted(name, scopes, networks, expires_at)
    async with pool.acquire() as connection, connection.transaction():
        # The row of the account makes those who count keys wait for each other.
        if not await connection.fetchval("select 1 from accounts.account where id = $1 for update", account_id):
            raise NotFound("There is no such account.")
        actor = await _actor(connection, account_id, acting)
        if actor is not None:
            test = actor.test if test is None else test
            wanted = key_rights.bounded(actor, wanted, test=test)
        now = clock.now()
        count = await connection.fetchval(
            "select count(*) from accounts.api_key where account_id = $1 and replaced_by is null "
            "and revoked_at is null and (expires_at is null or expires_at > $2)",
            account_id,
            now,
        )
        if count >= at_most:
            raise LimitReached(f"An account has at most {at_most} keys in force: revoke one first.")
        new = generate(test=bool(test))
        key = await _insert(connection, account_id, new, wanted, now)
        await audit.note(connection, account_id, "key.created", address, **_told(key), **_by(actor))
    return key, new.text


async def rotate_key(  # noqa: PLR0913  # which key, how, and who asks
    pool: asyncpg.Pool,
    account_id: int,
    key_id: int,
    *,
    overlap: timedelta = OVERLAP,
    address: Address | None = None,
    acting: int | None = None,
) -> tuple[Key, str]:
    """A new key like the old one, and its text. The old one stays in force for `overlap`, 0 to 720 hours.

    An overlap of 0 ends it now. A key that expires is followed by one that lives as long, but not longer than the
    acting key.
    """
    if not timedelta() <= overlap <= MAX_OVERLAP:
        raise Invalid(f"overlap: must be 0 to {MAX_OVERLAP // timedelta(hours=1)} hours", "overlap")
    async with pool.acquire() as connection, connection.transaction():
        actor = await _actor(connection, account_id, acting)
        old = await _locked(connection, account_id, key_id, actor)
        if not old.in_force:
            raise Conflict("This key is not in force any more: make a new one.")
        if old.replaced_by is not None:
            raise Conflict("This key has been rotated already.")
        now = clock.now()
        new = generate(test=old.test)
        expires_at = old.expires_at and now + (old.expires_at - old.created_at)
        if expires_at and actor is not None and actor.expires_at is not None:
            expires_at = min(expires_at, actor.expires_at)
        wanted = {"name": old.name, "scopes": old.scopes, "networks": old.networks, "expires_at": expires_at}
        key = await _insert(connection, account_id, new, wanted, now)
        await connection.execute(
            "update accounts.api_key set replaced_by = $2, expires_at = least(expires_at, $3::timestamptz), "
            "revoked_at = $4 where id = $1",
            key_id,
            key.id,
            now + overlap,
            None if overlap else now,
        )
        await audit.note(
            connection,
            account_id,
            "key.rotated",
            address,
            **_told(old),
            new=_told(key),
            overlap=int(overlap.total_seconds()),
            **_by(actor),
        )
    return key, new.text


async def revoke_key(
    pool: asyncpg.Pool, account_id: int, key_id: int, *, address: Address | None = None, acting: int | None = None
) -> bool:
    """Whether the key was in force until now. From the commit on, processes that listen refuse it."""
    async with pool.acquire() as connection, connection.transaction():
        actor = await _actor(connection, account_id, acting)
        key = await _locked(connection, account_id, key_id, actor)
        if not key.in_force:
            return False
        await connection.execute("update accounts.api_key set revoked_at = $2 where id = $1", key_id, clock.now())
        await audit.note(connection, account_id, "key.revoked", address, **_told(key), **_by(actor))
    return True


async def rename_key(  # noqa: PLR0913  # which key, and who asks
    pool: asyncpg.Pool,
    account_id: int,
    key_id: int,
    name: str,
    *,
    address: Address | None = None,
    acting: int | None = None,
) -> Key:
    wanted = _name(name)
    async with pool.acquire() as connection, connection.transaction():
        actor = await _actor(connection, account_id, acting)
        key = await _locked(connection, account_id, key_id, actor)
        row = await connection.fetchrow(
            "update accounts.api_key set name = $2 where id = $1 returning *", key_id, wanted
        )
        await audit.note(connection, account_id, "key.renamed", address, **_told(key), new_name=wanted, **_by(actor))
    return _key(row)


def _wanted(
    name: str, scope_names: Iterable[str] | None, network_texts: Iterable[str] | None, expires_at: datetime | None
) -> dict[str, Any]:
    """What a key shall be, checked."""
    if expires_at is not None:
        if expires_at.tzinfo is None:
            raise Invalid("expires_at: needs a time zone", "expires_at")
        if not timedelta() < expires_at - clock.now() <= MAX_LIFE:
            raise Invalid("expires_at: must be in the future, at most ten years ahead", "expires_at")
    return {
        "name": _name(name),
        "scopes": scopes.checked(scope_names),
        "networks": networks.checked(network_texts),
        "expires_at": expires_at,
    }


def _name(name: str) -> str:
    text = name.strip()
    if len(text) > MAX_NAME or CONTROL.search(text):
        raise Invalid(f"name: at most {MAX_NAME} characters, and no control characters", "name")
    return text


async def _insert(connection: Any, account_id: int, new: NewKey, wanted: Mapping[str, Any], now: datetime) -> Key:
    return _key(
        await connection.fetchrow(
            "insert into accounts.api_key "
            "(account_id, hash, hint, test, name, scopes, networks, expires_at, created_at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *",
            account_id,
            new.hash,
            new.hint,
            new.test,
            wanted["name"],
            wanted["scopes"],
            wanted["networks"],
            wanted["expires_at"],
            now,
        )
    )


async def _actor(connection: Any, account_id: int, key_id: int | None) -> Key | None:
    """The key that asks, as it is now: what a process remembers of it may be some seconds old."""
    if key_id is None:
        return None
    row = await connection.fetchrow(
        "select * from accounts.api_key where id = $1 and account_id = $2", key_id, account_id
    )
    if row is None or not (key := _key(row)).in_force:
        raise Unauthenticated("Missing or invalid API key")
    return key


async def _locked(connection: Any, account_id: int, key_id: int, actor: Key | None) -> Key:
    """The key, for a change of it; `Invalid` where the acting key may do less."""
    row = None
    if 0 < key_id < 1 << 31:  # others do not fit the column, and are nobody's
        row = await connection.fetchrow(
            "select * from accounts.api_key where id = $1 and account_id = $2 for update", key_id, account_id
        )
    if row is None:
        raise NotFound(NO_KEY)
    key = _key(row)
    if actor is not None:
        key_rights.check_reach(actor, key)
    return key


def _key(row: Any) -> Key:
    members = {name: row[name] for name in MEMBERS}
    for name in ("scopes", "networks"):
        if members[name] is not None:
            members[name] = tuple(str(value) for value in members[name])
    return Key(**members)


def _told(key: Key) -> dict[str, Any]:
    """A key in the audit log."""
    return {"key_id": key.id, "hint": key.hint, "name": key.name, "test": key.test}


def _by(actor: Key | None) -> dict[str, Any]:
    """The key that asked, in the audit log."""
    return {} if actor is None else {"by_key": {"key_id": actor.id, "hint": actor.hint}}
