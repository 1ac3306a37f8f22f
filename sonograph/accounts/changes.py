"""A new password or e-mail address, for who is signed in and knows the password."""

from functools import partial

import asyncpg

from sonograph import clock
from sonograph.accounts import audit, emails, letters, links, passwords, sessions
from sonograph.accounts.audit import Address
from sonograph.accounts.people import People
from sonograph.errors import Conflict, Invalid, NotFound, Unauthenticated

WRONG = "This is not your password."


async def confirm_password(people: People, account_id: int, password: str, *, address: Address | None) -> str:
    """The e-mail of an account whose password this is; `Unauthenticated` otherwise."""
    await people.attempts.count("password", f"account {account_id}", address)
    account = await people.pool.fetchrow("select email, password_hash from accounts.account where id = $1", account_id)
    if account is None:
        raise NotFound("There is no such account.")
    if not await people.passwords.verify(account["password_hash"], password):
        raise Unauthenticated(WRONG)
    email: str = account["email"]
    return email


async def change_password(  # noqa: PLR0913  # two passwords, and whose they are
    people: People, account_id: int, current: str, new: str, *, token: str, address: Address | None
) -> str:
    """Set a password. All other sessions end, links sent are void; the text of this session's new cookie."""
    email = await confirm_password(people, account_id, current, address=address)
    passwords.check(new, email)
    password_hash = await people.passwords.hash(new)
    async with people.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "update accounts.account set password_hash = $2 where id = $1", account_id, password_hash
        )
        await links.void(connection, account_id)
        rotated = await sessions.rotate(connection, token, grace=False)
        if rotated is None:
            raise Conflict("Your session was renewed by another request: try again.")
        await sessions.end_all(connection, account_id, but=rotated)
        await audit.note(connection, account_id, "password.changed", address, by="password")
    people.send(email, letters.password_changed(people.base_url, clock.now(), address))
    return rotated


async def request_email_change(
    people: People, account_id: int, new: str, password: str, *, address: Address | None
) -> None:
    """Send a link to the new address and a notice to the old one. Whether the new one has an account, mails tell."""
    to = emails.checked(new)
    old = await confirm_password(people, account_id, password, address=address)
    if to == old:
        raise Invalid("email: this is the address that your account has", "email")
    await people.attempts.count("mail", to, address)
    people.later(partial(_send_change, people, account_id, old, to, address))


async def change_email(people: People, token: str, *, session: str | None, address: Address | None) -> str:
    """Move an account to the address that a link was sent to; the address. All sessions end but `session`."""
    async with people.pool.acquire() as connection, connection.transaction():
        link = await links.redeem(connection, "change", token)
        old = await connection.fetchval("select email from accounts.account where id = $1 for update", link.account_id)
        try:
            await connection.execute(
                "update accounts.account set email = $2, email_verified_at = $3 where id = $1",
                link.account_id,
                link.email,
                clock.now(),
            )
        except asyncpg.UniqueViolationError as error:
            raise Conflict("This address has an account by now.") from error
        await links.void(connection, link.account_id)
        await sessions.end_all(connection, link.account_id, but=session)
        await audit.note(connection, link.account_id, "email.changed", address, old=old, new=link.email)
    people.send(old, letters.email_changed(people.base_url, link.email, clock.now(), address))
    return link.email


async def _send_change(people: People, account_id: int, old: str, to: str, address: Address | None) -> None:
    now = clock.now()
    async with people.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select 1 from accounts.account where id = $1 for update", account_id):
            return
        await audit.note(connection, account_id, "email.change_asked", address, new=to)
        if await connection.fetchval("select 1 from accounts.account where email = $1", to):
            text = letters.change_to_taken(people.base_url, now, address)
        else:
            token = await links.make(connection, account_id, "change", to)
            text = letters.change(people.base_url, links.address_of(people.base_url, "change", token), now, address)
    people.send(to, text)
    people.send(old, letters.change_asked(people.base_url, to, now, address))
