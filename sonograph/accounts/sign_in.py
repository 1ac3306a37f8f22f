"""Signing in and out."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sonograph.accounts import audit, emails, sessions
from sonograph.accounts.audit import Address
from sonograph.accounts.people import People
from sonograph.errors import Invalid, Unauthenticated

REFUSED = "E-mail or password is wrong, or the address is not confirmed yet."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session began, and the text for its cookie."""

    account_id: int
    token: str


async def sign_in(  # noqa: PLR0913  # who, and from where
    people: People,
    email: str,
    password: str,
    *,
    address: Address | None,
    user_agent: str = "",
    old_token: str | None = None,
) -> SignedIn:
    """A new session; the one this browser had, `old_token`, ends.

    `Unauthenticated` with one text for every reason, after the same work; `TooManyAttempts` when tried too often.
    """
    try:
        to = emails.checked(email)
    except Invalid:
        to = ""  # nobody's, and refused like any other
    await people.attempts.count("sign-in", to, address)
    account = await people.pool.fetchrow(
        "select id, password_hash from accounts.account where email = $1 and email_verified_at is not null", to
    )
    if not await people.passwords.verify(account and account["password_hash"], password):
        if account is not None:
            people.later(partial(audit.note, people.pool, account["id"], "session.refused", address))
        raise Unauthenticated(REFUSED)
    new_hash = await people.passwords.hash(password) if people.passwords.is_outdated(account["password_hash"]) else None
    async with people.pool.acquire() as connection, connection.transaction():
        # It may have been changed while we computed: then the one we verified is not the password any more.
        kept = await connection.fetchval(
            "select password_hash from accounts.account where id = $1 for update", account["id"]
        )
        if kept != account["password_hash"]:
            raise Unauthenticated(REFUSED)
        if new_hash is not None:
            await connection.execute(
                "update accounts.account set password_hash = $2 where id = $1", account["id"], new_hash
            )
        if old_token is not None:
            await sessions.end(connection, old_token)
        return await begin(connection, account["id"], address, user_agent)


async def sign_out(people: People, token: str, *, address: Address | None) -> None:
    """End the session of a cookie."""
    async with people.pool.acquire() as connection, connection.transaction():
        account_id = await sessions.end(connection, token)
        if account_id is not None:
            await audit.note(connection, account_id, "session.ended", address)


async def begin(connection: Any, account_id: int, address: Address | None, user_agent: str) -> SignedIn:
    """Start a session for somebody who has shown who they are."""
    token = await sessions.create(connection, account_id, address=address, user_agent=user_agent)
    await audit.note(connection, account_id, "session.started", address)
    return SignedIn(account_id, token)
