"""Everything we hold about an account, as JSON, and its end."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson

from sonograph import clock
from sonograph.accounts import audit, letters
from sonograph.accounts.audit import Address
from sonograph.accounts.billing import Billing
from sonograph.accounts.changes import confirm_password
from sonograph.accounts.people import People
from sonograph.errors import NotFound

SECRETS = frozenset({"hash", "previous_hash", "password_hash"})  # of no use to the owner, and of some to a thief
FETCH = 500  # rows


async def export(pool: asyncpg.Pool, account_id: int, *, address: Address | None) -> AsyncIterator[bytes]:
    """A JSON object, in pieces: the account, then each table that knows it as a list. Of one moment."""
    async with pool.acquire() as connection:
        await audit.note(connection, account_id, "account.exported", address)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            async for piece in _export(connection, account_id):
                yield piece


async def _export(connection: Any, account_id: int) -> AsyncIterator[bytes]:
    account = await connection.fetchval("select to_jsonb(a) from accounts.account a where id = $1", account_id)
    if account is None:
        raise NotFound("There is no such account.")
    yield b'{"exported_at":%b,"account":%b' % (orjson.dumps(clock.now()), _without_secrets(account))
    tables = await connection.fetch(
        "select c.relname as name, "
        "exists (select from pg_attribute i where i.attrelid = c.oid and i.attname = 'id') as has_id "
        "from pg_class c join pg_attribute a on a.attrelid = c.oid "
        "where c.relnamespace = 'accounts'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition "
        "and a.attname = 'account_id' and not a.attisdropped order by 1"
    )
    for table in tables:
        yield b',"%b":[' % table["name"].encode()
        order = " order by t.id" if table["has_id"] else ""
        comma = b""
        statement = f'select to_jsonb(t) from accounts."{table["name"]}" t where t.account_id = $1{order}'  # noqa: S608  # names are the catalog's
        async for row in connection.cursor(statement, account_id, prefetch=FETCH):
            yield comma + _without_secrets(row[0])
            comma = b","
        yield b"]"
    yield b"}"


def _without_secrets(text: str) -> bytes:
    return orjson.dumps({name: value for name, value in orjson.loads(text).items() if name not in SECRETS})


async def delete_account(
    people: People, billing: Billing, account_id: int, password: str, *, address: Address | None
) -> None:
    """Delete an account and everything that hangs on it, the audit log too, for who knows its password.

    What is billed for it ends first: `Unavailable`, and nothing is deleted, where that cannot be said.
    """
    email = await confirm_password(people, account_id, password, address=address)
    await billing.end(account_id)
    await people.pool.execute("delete from accounts.account where id = $1", account_id)
    people.send(email, letters.deleted(people.base_url, clock.now(), address))
