"""Links sent by mail: what they are for, how long they are good, and that each is used once.

The token stands in the address; we keep its SHA-256. Looking at a link uses nothing up: mail scanners open them.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Literal

from sonograph import clock
from sonograph.errors import Invalid

Purpose = Literal["verify", "reset", "change"]
LIFE: dict[Purpose, timedelta] = {
    "verify": timedelta(hours=48),
    "reset": timedelta(hours=1),
    "change": timedelta(hours=24),
}
PATHS: dict[Purpose, str] = {"verify": "/verify", "reset": "/reset", "change": "/change-email"}
TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is still good. `email` is where it was sent; `password_hash` stands in those of sign-ups."""

    account_id: int
    email: str
    password_hash: str | None


async def make(connection: Any, account_id: int, purpose: Purpose, email: str, password_hash: str | None = None) -> str:
    """A new link; its token. Earlier ones for the same are void, except of sign-ups: each has a password of its own."""
    if purpose != "verify":
        await void(connection, account_id, purpose)
    token, now = secrets.token_urlsafe(TOKEN_BYTES), clock.now()
    await connection.execute(
        "insert into accounts.mail_link (hash, account_id, purpose, email, password_hash, created_at, expires_at) "
        "values ($1, $2, $3, $4, $5, $6, $7)",
        _hash(token),
        account_id,
        purpose,
        email,
        password_hash,
        now,
        now + LIFE[purpose],
    )
    return token


def address_of(base_url: str, purpose: Purpose, token: str) -> str:
    return f"{base_url}{PATHS[purpose]}?token={token}"


async def peek(connection: Any, purpose: Purpose, token: str) -> Link:
    """The link of a token, still good; `Invalid` says what is wrong with it otherwise."""
    row = None
    if TOKEN.fullmatch(token):
        row = await connection.fetchrow(
            "select account_id, email, password_hash, expires_at, used_at from accounts.mail_link "
            "where hash = $1 and purpose = $2",
            _hash(token),
            purpose,
        )
    if row is None:
        raise Invalid("This link is not valid. Copy all of it, or ask for a new one.", "token")
    if row["used_at"] is not None:
        raise Invalid("This link has been used already, or a newer one has taken its place.", "token")
    if row["expires_at"] <= clock.now():
        raise Invalid("This link has expired. Ask for a new one.", "token")
    return Link(row["account_id"], row["email"], row["password_hash"])


async def redeem(connection: Any, purpose: Purpose, token: str) -> Link:
    """Use a link up, in the transaction of what it is for: of two at once, one gets it."""
    link = await peek(connection, purpose, token)
    result = await connection.execute(
        "update accounts.mail_link set used_at = $2 where hash = $1 and used_at is null", _hash(token), clock.now()
    )
    if result != "UPDATE 1":
        raise Invalid("This link has been used already, or a newer one has taken its place.", "token")
    return link


async def void(connection: Any, account_id: int, purpose: Purpose | None = None) -> None:
    """No link of the account, for this purpose or any, is good any more."""
    await connection.execute(
        "update accounts.mail_link set used_at = $3, password_hash = null "
        "where account_id = $1 and ($2::text is null or purpose = $2) and used_at is null",
        account_id,
        purpose,
        clock.now(),
    )


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
