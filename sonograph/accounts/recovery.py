"""A new password for who has lost theirs."""

from functools import partial

from sonograph import clock
from sonograph.accounts import audit, emails, letters, links, passwords, sessions
from sonograph.accounts.audit import Address
from sonograph.accounts.people import People
from sonograph.accounts.sign_in import SignedIn, begin


async def request_reset(people: People, email: str, *, address: Address | None) -> None:
    """Send a link to set a new password; nothing happens for an unknown address, and nobody can tell."""
    to = emails.checked(email)
    await people.attempts.count("mail", to, address)
    people.later(partial(_send, people, to, address))


async def reset(
    people: People, token: str, password: str, *, address: Address | None, user_agent: str = ""
) -> SignedIn:
    """Set the password by a link, end all sessions, and begin one. The link shows that the address is theirs, too."""
    link = await links.peek(people.pool, "reset", token)
    passwords.check(password, link.email)
    await people.attempts.count("password", f"account {link.account_id}", address)
    password_hash = await people.passwords.hash(password)
    async with people.pool.acquire() as connection, connection.transaction():
        await links.redeem(connection, "reset", token)
        await links.void(connection, link.account_id)
        await connection.execute(
            "update accounts.account set password_hash = $2, email_verified_at = coalesce(email_verified_at, $3) "
            "where id = $1",
            link.account_id,
            password_hash,
            clock.now(),
        )
        await sessions.end_all(connection, link.account_id)
        await audit.note(connection, link.account_id, "password.changed", address, by="link")
        signed_in = await begin(connection, link.account_id, address, user_agent)
    people.send(link.email, letters.password_changed(people.base_url, clock.now(), address))
    return signed_in


async def _send(people: People, to: str, address: Address | None) -> None:
    async with people.pool.acquire() as connection, connection.transaction():
        account_id = await connection.fetchval("select id from accounts.account where email = $1 for update", to)
        if account_id is None:
            return
        token = await links.make(connection, account_id, "reset", to)
        await audit.note(connection, account_id, "password.reset_asked", address)
    link = links.address_of(people.base_url, "reset", token)
    people.send(to, letters.reset(people.base_url, link, clock.now(), address))
