"""Sign-up, verification, sign-in, reset: with links read from the mails that were sent."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from argon2 import PasswordHasher

from sonograph.accounts import audit, changes, links, recovery, sessions, sign_in, sign_up
from sonograph.accounts.attempts import RULES
from sonograph.accounts.people import People, open_people
from sonograph.errors import Conflict, Forbidden, Invalid, NotFound, TooManyAttempts, Unauthenticated
from sonograph.settings import Settings

pytestmark = pytest.mark.database

NewAccount = Callable[..., Awaitable[int]]
HERE = ip_address("198.51.100.4")
PASSWORD = "correct horse battery"
OTHER = "wrong horse battery"
_numbers = count(1)


class Post:
    """The transport: every message that was sent."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def deliver(self, message: EmailMessage) -> None:
        self.sent.append(message)


@pytest.fixture
async def people(
    pool: asyncpg.Pool, tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[People]:
    monkeypatch.setattr("sonograph.accounts.people.Folder", lambda _: post)
    settings = Settings(data_dir=tmp_path, public_url="https://music.example")
    async with open_people(settings, pool) as opened:
        yield opened


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def email() -> str:
    return f"someone{next(_numbers)}@example.org"


async def _arrived(people: People, post: Post, number: int) -> list[EmailMessage]:
    """All mails, once so many have been sent; no more may come."""
    await people.settle()
    for _ in range(500):
        if len(post.sent) >= number and not people.outbox.waiting:
            break
        await asyncio.sleep(0.01)
    assert len(post.sent) == number, [message["Subject"] for message in post.sent]
    return post.sent


def _token(message: EmailMessage, path: str) -> str:
    found = re.search(rf"https://music\.example{path}\?token=([\w-]+)$", message.get_content(), re.MULTILINE)
    assert found, message.get_content()
    return found[1]


async def _signed_up(people: People, post: Post, email: str, password: str = PASSWORD) -> str:
    """The token of the mail."""
    before = len(post.sent)
    await sign_up.sign_up(people, email, password, address=HERE)
    message = (await _arrived(people, post, before + 1))[-1]
    assert message["To"] == email.lower()
    return _token(message, "/verify")


async def _verified(people: People, post: Post, email: str) -> sign_in.SignedIn:
    return await sign_up.verify(people, await _signed_up(people, post, email), PASSWORD, address=HERE)


async def _refused(people: People, email: str, password: str) -> None:
    with pytest.raises(Unauthenticated, match=re.escape(sign_in.REFUSED)):
        await sign_in.sign_in(people, email, password, address=HERE)


async def _age(pool: asyncpg.Pool, email: str, by: timedelta) -> None:
    await pool.execute(
        "update accounts.mail_link set expires_at = expires_at - $2::interval where email = $1", email, by
    )


async def test_from_sign_up_to_sign_out(pool: asyncpg.Pool, people: People, post: Post, email: str) -> None:
    token = await _signed_up(people, post, email.upper().replace("EXAMPLE", "Example"))
    await _refused(people, email, PASSWORD)
    first = await sign_up.verify(people, token, PASSWORD, address=HERE, user_agent="a browser")
    session = await sessions.look_up(pool, first.token)
    assert session
    assert (session.email, session.email_verified, session.plan) == (email, True, "free")
    second = await sign_in.sign_in(people, f" {email.title()} ", PASSWORD, address=HERE, old_token=first.token)
    assert await sessions.look_up(pool, first.token) is None
    assert await sessions.look_up(pool, second.token)
    await sign_in.sign_out(people, second.token, address=HERE)
    await sign_in.sign_out(people, second.token, address=HERE)
    assert await sessions.look_up(pool, second.token) is None
    lines = await audit.entries(pool, first.account_id)
    assert [line.action for line in lines] == [
        "session.ended",
        "session.started",
        "session.started",
        "account.verified",
        "account.created",
    ]
    kept = str(await pool.fetch("select * from accounts.account natural left join accounts.mail_link"))
    assert PASSWORD not in kept
    assert token not in kept


async def test_a_link_is_good_once_and_for_its_time(pool: asyncpg.Pool, people: People, post: Post, email: str) -> None:
    token = await _signed_up(people, post, email)
    with pytest.raises(Unauthenticated):
        await sign_up.verify(people, token, OTHER, address=HERE)
    others: tuple[links.Purpose, ...] = ("reset", "change")
    for other in others:
        with pytest.raises(Invalid, match="not valid"):
            await links.peek(pool, other, token)
    results = await asyncio.gather(
        *(sign_up.verify(people, token, PASSWORD, address=HERE) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, sign_in.SignedIn) for result in results) == 1
    assert all("used already" in str(result) for result in results if isinstance(result, Exception))
    with pytest.raises(Invalid, match="used already"):
        await sign_up.verify(people, token, PASSWORD, address=HERE)
    for broken in ("", "x", "\x00" * 43, token[:-1], token[:-1] + ("a" if token[-1] != "a" else "b"), "ä" * 43):
        with pytest.raises(Invalid, match="not valid"):
            await sign_up.verify(people, broken, PASSWORD, address=HERE)


@pytest.mark.parametrize(("purpose", "hours"), [("verify", 48), ("reset", 1), ("change", 24)])
async def test_links_expire(
    pool: asyncpg.Pool, new_account: NewAccount, email: str, purpose: links.Purpose, hours: int
) -> None:
    token = await links.make(pool, await new_account(email=email), purpose, email)
    await _age(pool, email, timedelta(hours=hours, minutes=-1))
    assert (await links.peek(pool, purpose, token)).email == email
    await _age(pool, email, timedelta(minutes=2))
    with pytest.raises(Invalid, match="expired"):
        await links.redeem(pool, purpose, token)


async def test_a_known_address_is_answered_as_an_unknown_one(
    pool: asyncpg.Pool, people: People, post: Post, email: str
) -> None:
    signed_in = await _verified(people, post, email)
    await sign_up.sign_up(people, email, OTHER, address=HERE)
    message = (await _arrived(people, post, 2))[-1]
    assert message["Subject"] == "You have an account already"
    assert "token" not in message.get_content()
    await _refused(people, email, OTHER)
    await sign_in.sign_in(people, email, PASSWORD, address=HERE)
    await recovery.request_reset(people, "nobody@example.org", address=HERE)
    await sign_up.resend(people, "nobody@example.org", address=HERE)
    await sign_up.resend(people, email, address=HERE)
    await _arrived(people, post, 2)
    assert "account.sign_up_repeated" in [line.action for line in await audit.entries(pool, signed_in.account_id)]


async def test_signing_up_with_the_address_of_others_gains_nothing(people: People, post: Post, email: str) -> None:
    """Whoever came first: a link is good only with the password of its own sign-up."""
    stranger = await _signed_up(people, post, email, OTHER)
    holder = await _signed_up(people, post, email)
    with pytest.raises(Unauthenticated):
        await sign_up.verify(people, stranger, PASSWORD, address=HERE)
    await sign_up.verify(people, holder, PASSWORD, address=HERE)
    with pytest.raises(Invalid, match="used already"):
        await sign_up.verify(people, stranger, OTHER, address=HERE)
    await _refused(people, email, OTHER)


async def test_resend(pool: asyncpg.Pool, people: People, post: Post, email: str) -> None:
    first = await _signed_up(people, post, email)
    await sign_up.resend(people, email, address=HERE)
    again = _token((await _arrived(people, post, 2))[-1], "/verify")
    assert again != first
    await pool.execute("delete from accounts.mail_link where email = $1", email)  # long ago
    await sign_up.resend(people, email, address=HERE)
    token = _token((await _arrived(people, post, 3))[-1], "/reset")
    await recovery.reset(people, token, OTHER, address=HERE)
    await sign_in.sign_in(people, email, OTHER, address=HERE)


async def test_reset_ends_what_was_open(pool: asyncpg.Pool, people: People, post: Post, email: str) -> None:
    before = await _verified(people, post, email)
    await recovery.request_reset(people, email, address=HERE)
    void = _token((await _arrived(people, post, 2))[-1], "/reset")
    await recovery.request_reset(people, email, address=HERE)
    token = _token((await _arrived(people, post, 3))[-1], "/reset")
    with pytest.raises(Invalid, match="newer one"):
        await recovery.reset(people, void, OTHER, address=HERE)
    with pytest.raises(Invalid, match="password"):
        await recovery.reset(people, token, "short", address=HERE)
    after = await recovery.reset(people, token, OTHER, address=HERE)
    assert after.account_id == before.account_id
    assert await sessions.look_up(pool, before.token) is None
    assert await sessions.look_up(pool, after.token)
    await _refused(people, email, PASSWORD)
    await sign_in.sign_in(people, email, OTHER, address=HERE)
    with pytest.raises(Invalid, match="used already"):
        await recovery.reset(people, token, OTHER, address=HERE)
    assert (await _arrived(people, post, 4))[-1]["Subject"] == "Your password was changed"


async def test_a_new_password_ends_other_sessions(pool: asyncpg.Pool, people: People, post: Post, email: str) -> None:
    mine = await _verified(people, post, email)
    other = await sign_in.sign_in(people, email, PASSWORD, address=HERE)
    with pytest.raises(Unauthenticated):
        await changes.change_password(people, mine.account_id, OTHER, OTHER, token=mine.token, address=HERE)
    with pytest.raises(Invalid):
        await changes.change_password(people, mine.account_id, PASSWORD, "password123", token=mine.token, address=HERE)
    token = await changes.change_password(people, mine.account_id, PASSWORD, OTHER, token=mine.token, address=HERE)
    assert [await sessions.look_up(pool, t) is not None for t in (mine.token, other.token, token)] == [
        False,
        False,
        True,
    ]
    await _refused(people, email, PASSWORD)
    await sign_in.sign_in(people, email, OTHER, address=HERE)


async def test_a_new_address_is_confirmed_and_the_old_one_told(
    pool: asyncpg.Pool, people: People, post: Post, email: str
) -> None:
    mine = await _verified(people, post, email)
    other = await sign_in.sign_in(people, email, PASSWORD, address=HERE)
    new = f"new-{email}"
    with pytest.raises(Unauthenticated):
        await changes.request_email_change(people, mine.account_id, new, OTHER, address=HERE)
    with pytest.raises(Invalid, match="address that your account has"):
        await changes.request_email_change(people, mine.account_id, email.upper(), PASSWORD, address=HERE)
    await changes.request_email_change(people, mine.account_id, new, PASSWORD, address=HERE)
    to_new, to_old = (await _arrived(people, post, 3))[1:]
    assert (to_new["To"], to_old["To"]) == (new, email)
    assert "token" not in to_old.get_content()
    token = _token(to_new, "/change-email")
    assert await changes.change_email(people, token, session=mine.token, address=HERE) == new
    assert (await _arrived(people, post, 4))[-1]["To"] == email
    assert await sessions.look_up(pool, mine.token)
    assert await sessions.look_up(pool, other.token) is None
    await _refused(people, email, PASSWORD)
    await sign_in.sign_in(people, new, PASSWORD, address=HERE)
    with pytest.raises(Invalid, match="used already"):
        await changes.change_email(people, token, session=None, address=HERE)


async def test_a_new_address_that_has_an_account(
    pool: asyncpg.Pool, people: People, post: Post, email: str, new_account: NewAccount
) -> None:
    mine = await _verified(people, post, email)
    taken = f"taken-{email}"
    await changes.request_email_change(people, mine.account_id, taken, PASSWORD, address=HERE)
    token = _token((await _arrived(people, post, 3))[1], "/change-email")
    await new_account(email=taken)  # between the request and the click
    with pytest.raises(Conflict):
        await changes.change_email(people, token, session=mine.token, address=HERE)
    await changes.request_email_change(people, mine.account_id, taken, PASSWORD, address=HERE)
    message = (await _arrived(people, post, 5))[3]
    assert (message["To"], message["Subject"]) == (taken, "This address has an account")
    assert await pool.fetchval("select email from accounts.account where id = $1", mine.account_id) == email


async def test_tries_are_bounded_by_account_and_by_address(people: People, email: str) -> None:
    """Also for an account that does not exist: the answers are the same."""
    both = RULES["sign-in"][0][1].amount
    results = await asyncio.gather(
        *(sign_in.sign_in(people, email, OTHER, address=HERE) for _ in range(both + 3)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, TooManyAttempts)]
    assert len(refused) == 3
    assert all(800 < result.retry_after <= 900 for result in refused)
    await sign_in_fails(people, email, ip_address("198.51.100.5"))  # one stranger does not lock others out
    there = ip_address("2001:db8::1")
    for n in range(RULES["sign-in"][2][1].amount):
        await people.attempts.count("sign-in", f"a{n}", there)
    with pytest.raises(TooManyAttempts):  # the same customer's network
        await people.attempts.count("sign-in", "another", ip_address("2001:db8::ffff"))
    await people.attempts.count("sign-in", "another", ip_address("2001:db8:0:1::1"))


async def sign_in_fails(people: People, email: str, address: audit.Address) -> None:
    with pytest.raises(Unauthenticated):
        await sign_in.sign_in(people, email, OTHER, address=address)


async def test_mails_are_bounded(people: People, post: Post, email: str) -> None:
    for _ in range(RULES["mail"][0][1].amount):
        await recovery.request_reset(people, email, address=HERE)
    for ask in (recovery.request_reset, sign_up.resend):
        with pytest.raises(TooManyAttempts):
            await ask(people, email, address=HERE)
    with pytest.raises(TooManyAttempts):
        await sign_up.sign_up(people, email, PASSWORD, address=HERE)
    await _arrived(people, post, 0)


@pytest.mark.parametrize(
    "address",
    ["", "x", "a@", "@b.org", "a b@c.org", "a@b@c.org", "a\x00@b.org", "a\r\nBcc: x@y.org@b.org", "a@b.org\nBcc: x",
     "a" * 65 + "@b.org", "a@" + "b" * 64 + ".org",
     "a@" + "b." * 160 + "org", "a@b..org", "a,b@c.org", "a@-b.org", "<a@b.org>"],
)  # fmt: skip
async def test_addresses_that_are_none(people: People, post: Post, address: str) -> None:
    for call in (
        sign_up.sign_up(people, address, PASSWORD, address=HERE),
        sign_up.resend(people, address, address=HERE),
        recovery.request_reset(people, address, address=HERE),
    ):
        with pytest.raises(Invalid, match="email"):
            await call
    await _refused(people, address, PASSWORD)
    await _arrived(people, post, 0)


@pytest.mark.parametrize("address", ["Jürgen@Bücher.example", "用户@例え.example", "o'neil+tag@sub.example.org"])
async def test_addresses_of_the_world(people: People, post: Post, address: str) -> None:
    await _signed_up(people, post, address.lower())
    assert (await people.pool.fetchval("select 1 from accounts.account where email = $1", address.lower())) == 1


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 201, "a\x00bcdefghijk", "password123", "QWERTYUIOP", "1234567890", "aaaaaaaaaaaa", "ababababab",
     "iloveyou1!", "\ud800bcdefghijkl"],
)  # fmt: skip
async def test_passwords_that_are_not_taken(people: People, post: Post, email: str, password: str) -> None:
    with pytest.raises(Invalid, match="password"):
        await sign_up.sign_up(people, email, password, address=HERE)
    await _arrived(people, post, 0)
    assert not await people.pool.fetchval("select 1 from accounts.account where email = $1", email)


async def test_an_outdated_hash_is_renewed_at_the_sign_in(
    pool: asyncpg.Pool, people: People, post: Post, email: str
) -> None:
    await _verified(people, post, email)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await pool.execute("update accounts.account set password_hash = $2 where email = $1", email, weak)
    await sign_in.sign_in(people, email, PASSWORD, address=HERE)
    kept = await pool.fetchval("select password_hash from accounts.account where email = $1", email)
    assert kept != weak
    assert not people.passwords.is_outdated(kept)


async def test_an_account_without_a_password_is_closed(people: People, new_account: NewAccount, email: str) -> None:
    """An operator made it."""
    await new_account(email=email)
    await _refused(people, email, PASSWORD)
    await _refused(people, email, "")


async def test_an_account_that_is_gone(people: People) -> None:
    with pytest.raises(NotFound):
        await changes.change_password(people, 2**31 - 1, PASSWORD, OTHER, token="", address=HERE)


async def test_sign_up_can_be_closed(pool: asyncpg.Pool, tmp_path: Path) -> None:
    before = await pool.fetchval("select count(*) from accounts.account")
    async with open_people(Settings(data_dir=tmp_path, sign_up=False), pool) as closed:
        with pytest.raises(Forbidden, match="closed"):
            await sign_up.sign_up(closed, "anybody@closed.invalid", PASSWORD, address=HERE)
    assert await pool.fetchval("select count(*) from accounts.account") == before
    assert not list((tmp_path / "mail").glob("*.eml"))
