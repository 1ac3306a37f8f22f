"""Export holds everything but secrets; deletion leaves nothing."""

import json
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import asyncpg
import pytest

from sonograph.accounts import audit, departure, keyring, links, sessions
from sonograph.accounts.attempts import RULES
from sonograph.accounts.billing import ByHand
from sonograph.accounts.people import People, open_people
from sonograph.errors import NotFound, TooManyAttempts, Unauthenticated
from sonograph.settings import Settings

pytestmark = pytest.mark.database

NewAccount = Callable[..., Awaitable[int]]
HERE = ip_address("198.51.100.4")
PASSWORD = "correct horse battery"


async def test_export_and_deletion(pool: asyncpg.Pool, new_account: NewAccount, tmp_path: Path) -> None:
    account, stranger = await new_account("growth", "leaving@example.org"), await new_account()
    async with open_people(Settings(data_dir=tmp_path), pool) as people:
        await _furnish(people, account)
        await keyring.create_key(pool, stranger, name="of a stranger", test=False)
        text = b"".join([piece async for piece in departure.export(pool, account, address=HERE)]).decode()
        held = json.loads(text)
        assert held["account"]["email"] == "leaving@example.org"
        rows = await pool.fetch(
            "select relname as table_name from pg_class c join pg_attribute a on a.attrelid = c.oid "
            "where c.relnamespace = 'accounts'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition "
            "and a.attname = 'account_id'"
        )
        tables = {row["table_name"] for row in rows}
        assert tables | {"account", "exported_at"} == set(held)
        assert [len(held[name]) for name in ("api_key", "session", "mail_link")] == [1, 1, 1]
        assert held["audit"][-1]["action"] == "account.exported"
        assert "hash" not in text
        assert "argon2" not in text
        assert "stranger" not in text
        with pytest.raises(Unauthenticated):
            await departure.delete_account(people, ByHand(), account, "not the password", address=HERE)
        assert await audit.entries(pool, account)
        await departure.delete_account(people, ByHand(), account, PASSWORD, address=HERE)
        with pytest.raises(NotFound):
            await departure.delete_account(people, ByHand(), account, PASSWORD, address=HERE)
    for table in tables:
        assert not await pool.fetchval(f"select count(*) from accounts.{table} where account_id = $1", account)
    assert await keyring.list_keys(pool, stranger)
    (mail,) = _mails(tmp_path)
    assert b"To: leaving@example.org" in mail


async def test_passwords_cannot_be_tried_out_there(pool: asyncpg.Pool, new_account: NewAccount, tmp_path: Path) -> None:
    account = await new_account()
    async with open_people(Settings(data_dir=tmp_path), pool) as people:
        await _furnish(people, account)
        for _ in range(RULES["password"][0][1].amount):
            with pytest.raises(Unauthenticated):
                await departure.delete_account(people, ByHand(), account, "not the password", address=HERE)
        with pytest.raises(TooManyAttempts):
            await departure.delete_account(people, ByHand(), account, PASSWORD, address=HERE)


async def test_export_of_an_account_that_is_gone(pool: asyncpg.Pool) -> None:
    with pytest.raises(NotFound):
        _ = [piece async for piece in departure.export(pool, 2**31 - 1, address=HERE)]


def _mails(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob("mail/*.eml")]


async def _furnish(people: People, account: int) -> None:
    password_hash = await people.passwords.hash(PASSWORD)
    await people.pool.execute("update accounts.account set password_hash = $2 where id = $1", account, password_hash)
    await keyring.create_key(people.pool, account, name="mine", test=False, scopes=["read"], networks=["10.0.0.0/8"])
    await sessions.create(people.pool, account, address=HERE)
    await links.make(people.pool, account, "verify", "leaving@example.org", password_hash)


def test_messages_have_no_room_for_more_headers() -> None:
    """The library's own guarantee, which ours stands on."""
    message = EmailMessage()
    with pytest.raises(ValueError, match="linefeed"):
        message["Subject"] = "a\r\nBcc: b@example.org"
