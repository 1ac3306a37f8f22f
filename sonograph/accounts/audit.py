"""What happened to an account, for its owner to read: when, from where, and never with a secret in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Literal, get_args

import asyncpg
import orjson

from sonograph import clock
from sonograph.errors import NotFound

Address = IPv4Address | IPv6Address
Action = Literal[
    "account.created",
    "account.sign_up_repeated",  # somebody signed up with an address that has an account
    "account.verified",
    "account.exported",
    "session.started",
    "session.refused",  # a wrong password
    "session.ended",
    "password.reset_asked",
    "password.changed",
    "email.change_asked",
    "email.changed",
    "key.created",
    "key.renamed",
    "key.rotated",
    "key.revoked",
    "plan.changed",
    "entitlement.changed",
    "reviewer.changed",
]
ACTIONS: tuple[str, ...] = get_args(Action)
MAX_ENTRIES = 100  # a page
MAX_DETAIL = 2000  # characters of JSON


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit log. `address` is None for what an operator did."""

    id: int
    at: datetime
    action: str
    address: Address | None
    detail: Mapping[str, Any]


async def note(connection: Any, account_id: int, action: Action, address: Address | None = None, **detail: Any) -> None:
    """Write a line, in the transaction of what it tells about. `connection` may be a pool."""
    text = orjson.dumps(detail, default=str).decode()
    if len(text) > MAX_DETAIL:
        raise ValueError(f"audit detail of {len(text)} characters")
    try:
        await connection.execute(
            "insert into accounts.audit (account_id, at, action, address, detail) values ($1, $2, $3, $4, $5)",
            account_id,
            clock.now(),
            action,
            address,
            text,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound("There is no such account.") from error


async def entries(pool: asyncpg.Pool, account_id: int, first: int = 50, after: int | None = None) -> list[Entry]:
    """The newest `first` lines (at most 100), or those older than the line with the id `after`."""
    rows = await pool.fetch(
        "select id, at, action, address, detail from accounts.audit "
        "where account_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3",
        account_id,
        after,
        max(1, min(first, MAX_ENTRIES)),
    )
    return [
        Entry(row["id"], row["at"], row["action"], _plain(row["address"]), orjson.loads(row["detail"])) for row in rows
    ]


def _plain(address: Any) -> Address | None:
    """Asyncpg gives an inet with a prefix length as an interface."""
    found: Address | None = getattr(address, "ip", address)
    return found
