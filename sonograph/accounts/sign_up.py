"""Sign-up by e-mail and password.

Nobody learns here whether an address has an account: answers and work are the same, and mails tell its holder. So a
sign-up does not sign in, and an account has no password until its address is confirmed: the link of a sign-up carries
the password chosen with it, and is good only together with that password. Whoever signs up with somebody else's address
gains nothing, also when its holder follows the link.
"""

from functools import partial

from sonograph import clock
from sonograph.accounts import audit, emails, letters, links, passwords
from sonograph.accounts.audit import Address
from sonograph.accounts.people import People
from sonograph.accounts.principal import FREE
from sonograph.accounts.sign_in import SignedIn, begin
from sonograph.errors import Forbidden, Unauthenticated

WRONG = "This is not the password that was chosen with this sign-up."


async def sign_up(people: People, email: str, password: str, *, address: Address | None) -> None:
    """Make an unverified account, if the address has none, and send a link to it, or else a note that it has one."""
    check_open(people)
    to = emails.checked(email)
    passwords.check(password, to)
    await people.attempts.count("mail", to, address)
    password_hash = await people.passwords.hash(password)
    async with people.pool.acquire() as connection, connection.transaction():
        account_id = await connection.fetchval(
            "insert into accounts.account (email, plan, created_at) values ($1, $2, $3) "
            "on conflict (email) do nothing returning id",
            to,
            FREE,
            clock.now(),
        )
        made = account_id is not None
        if not made:
            account_id = await connection.fetchval("select id from accounts.account where email = $1", to)
        if account_id is not None:  # it may have been deleted between the two statements
            await audit.note(connection, account_id, "account.created" if made else "account.sign_up_repeated", address)
    people.later(partial(_send_link, people, to, password_hash, address))


def check_open(people: People) -> None:
    """Raise `Forbidden` where operators alone make accounts."""
    if not people.sign_up_open:
        raise Forbidden("Sign-up is closed here: accounts are made by whoever runs this service.")


async def resend(people: People, email: str, *, address: Address | None) -> None:
    """Send the link of the latest sign-up again; nothing happens for an address that is verified or unknown."""
    to = emails.checked(email)
    await people.attempts.count("mail", to, address)
    people.later(partial(_send_again, people, to, address))


async def verify(
    people: People, token: str, password: str, *, address: Address | None, user_agent: str = ""
) -> SignedIn:
    """Confirm the address that a link was sent to, with the password chosen at that sign-up, and sign in.

    A wrong password is `Unauthenticated` and leaves the link good; `Invalid` for a link that is not.
    """
    link = await links.peek(people.pool, "verify", token)
    await people.attempts.count("password", f"account {link.account_id}", address)
    if not await people.passwords.verify(link.password_hash, password):
        raise Unauthenticated(WRONG)
    async with people.pool.acquire() as connection, connection.transaction():
        await links.redeem(connection, "verify", token)
        await links.void(connection, link.account_id)
        await connection.execute(
            "update accounts.account set email_verified_at = coalesce(email_verified_at, $2), password_hash = $3 "
            "where id = $1",
            link.account_id,
            clock.now(),
            link.password_hash,
        )
        await audit.note(connection, link.account_id, "account.verified", address)
        return await begin(connection, link.account_id, address, user_agent)


async def _send_link(people: People, to: str, password_hash: str, address: Address | None) -> None:
    now = clock.now()
    async with people.pool.acquire() as connection, connection.transaction():
        account = await connection.fetchrow(
            "select id, email_verified_at from accounts.account where email = $1 for update", to
        )
        if account is None:
            return
        if account["email_verified_at"] is None:
            token = await links.make(connection, account["id"], "verify", to, password_hash)
            text = letters.verify(people.base_url, links.address_of(people.base_url, "verify", token), now, address)
        else:
            text = letters.sign_up_repeated(people.base_url, now, address)
    people.send(to, text)


async def _send_again(people: People, to: str, address: Address | None) -> None:
    """Where the sign-up is too long ago, or an operator made the account, a link to set a password says as much."""
    now = clock.now()
    async with people.pool.acquire() as connection, connection.transaction():
        account_id = await connection.fetchval(
            "select id from accounts.account where email = $1 and email_verified_at is null for update", to
        )
        if account_id is None:
            return
        password_hash = await connection.fetchval(
            "select password_hash from accounts.mail_link where account_id = $1 and purpose = 'verify' "
            "and used_at is null and password_hash is not null order by created_at desc limit 1",
            account_id,
        )
        if password_hash is None:
            token = await links.make(connection, account_id, "reset", to)
            text = letters.reset(people.base_url, links.address_of(people.base_url, "reset", token), now, address)
        else:
            token = await links.make(connection, account_id, "verify", to, password_hash)
            text = letters.verify(people.base_url, links.address_of(people.base_url, "verify", token), now, address)
    people.send(to, text)
