"""Keys that deal with keys: never with more rights than they have themselves, and named in the audit log."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from sonograph import clock
from sonograph.accounts import audit, keyring
from sonograph.accounts.keyring import Key
from sonograph.errors import Invalid, Unauthenticated

pytestmark = pytest.mark.database

NewAccount = Callable[..., Awaitable[int]]
SOON, LATER = clock.now() + timedelta(days=10), clock.now() + timedelta(days=20)


async def made(pool: asyncpg.Pool, account: int, **members: Any) -> Key:
    return (await keyring.create_key(pool, account, name="", **members))[0]


@pytest.mark.parametrize(
    ("own", "wanted", "field"),
    [
        ({"test": True}, {"test": False}, "test"),
        ({"scopes": ["account"]}, {"scopes": ["account", "read"]}, "scopes"),
        ({"networks": ["127.0.0.1"]}, {"networks": ["127.0.0.0/8"]}, "networks"),
        ({"networks": ["127.0.0.1", "10.0.0.0/8"]}, {"networks": ["127.0.0.1", "192.0.2.1"]}, "networks"),
        ({"networks": ["0.0.0.0/0"]}, {"networks": ["::/0"]}, "networks"),
        ({"expires_at": SOON}, {"expires_at": LATER}, "expires_at"),
    ],
)
async def test_more_than_the_acting_key(
    pool: asyncpg.Pool, new_account: NewAccount, own: dict[str, Any], wanted: dict[str, Any], field: str
) -> None:
    account = await new_account()
    acting = await made(pool, account, **own)
    with pytest.raises(Invalid) as refused:
        await made(pool, account, acting=acting.id, **wanted)
    assert refused.value.field == field
    stronger = await made(pool, account, **wanted)
    unlimited = await made(pool, account)
    for key in (stronger, unlimited):
        for call in (
            keyring.rotate_key(pool, account, key.id, overlap=timedelta(), acting=acting.id),
            keyring.rename_key(pool, account, key.id, "mine", acting=acting.id),
            keyring.revoke_key(pool, account, key.id, acting=acting.id),
        ):
            with pytest.raises(Invalid) as refused:
                await call
            assert refused.value.field == "id"
    assert {key.id: key for key in await keyring.list_keys(pool, account)} == {
        key.id: key for key in (acting, stronger, unlimited)
    }


async def test_what_is_left_out_is_the_acting_keys_own(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    limits: dict[str, Any] = {
        "test": True, "scopes": ["read", "account"], "networks": ["127.0.0.0/8"], "expires_at": SOON
    }  # fmt: skip
    acting = await made(pool, account, **limits)
    alike = await made(pool, account, acting=acting.id)
    assert (alike.test, alike.scopes, alike.networks, alike.expires_at) == (
        True, ("read", "account"), ("127.0.0.0/8",), SOON
    )  # fmt: skip
    less = await made(
        pool, account, acting=acting.id, scopes=["read"], networks=["127.1.0.0/16"], expires_at=SOON - timedelta(1)
    )
    assert less.scopes == ("read",)
    rotated, _ = await keyring.rotate_key(pool, account, less.id, acting=acting.id)
    assert await keyring.revoke_key(pool, account, rotated.id, acting=acting.id)
    free = await made(pool, account, acting=(await made(pool, account)).id)
    assert (free.test, free.scopes, free.networks, free.expires_at) == (False, None, None, None)
    assert (await made(pool, account, acting=free.id, test=True)).test


async def test_a_key_does_not_lengthen_its_own_life(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    acting = await made(pool, account, expires_at=SOON)
    await pool.execute(
        "update accounts.api_key set created_at = created_at - interval '90 days' where id = $1", acting.id
    )
    new, _ = await keyring.rotate_key(pool, account, acting.id, acting=acting.id)
    assert new.expires_at == SOON


async def test_the_acting_key_is_in_force_and_of_the_account(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account, stranger = await new_account(), await new_account()
    gone, theirs = await made(pool, account), await made(pool, stranger)
    await keyring.revoke_key(pool, account, gone.id)
    for acting in (gone, theirs):
        with pytest.raises(Unauthenticated):
            await made(pool, account, acting=acting.id)
    assert [key.id for key in await keyring.list_keys(pool, account)] == [gone.id]


async def test_the_audit_log_names_the_acting_key(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    acting = await made(pool, account)
    key = await made(pool, account, acting=acting.id)
    await keyring.rename_key(pool, account, key.id, "n", acting=acting.id)
    new, _ = await keyring.rotate_key(pool, account, key.id, acting=acting.id)
    await keyring.revoke_key(pool, account, new.id, acting=acting.id)
    *lines, first = await audit.entries(pool, account)
    assert [line.action for line in lines] == ["key.revoked", "key.rotated", "key.renamed", "key.created"]
    assert all(line.detail["by_key"] == {"key_id": acting.id, "hint": acting.hint} for line in lines)
    assert "by_key" not in first.detail


@pytest.mark.parametrize(
    ("text", "meant"), [("10.0.0.5/8", "10.0.0.0/8"), ("2001:db8::7/32", "2001:db8::/32"), ("10.0.0.5/99", None)]
)
async def test_a_network_that_is_nearly_one(
    pool: asyncpg.Pool, new_account: NewAccount, text: str, meant: str | None
) -> None:
    with pytest.raises(Invalid) as refused:
        await made(pool, await new_account(), networks=[text])
    assert (f"{meant} is meant?" in refused.value.message) is (meant is not None)


async def test_an_overlap_is_told_in_hours(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    key = await made(pool, account)
    with pytest.raises(Invalid, match=r"must be 0 to 720 hours$"):
        await keyring.rotate_key(pool, account, key.id, overlap=timedelta(hours=721))
