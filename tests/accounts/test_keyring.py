"""Keys as their owner has them: made, rotated, renamed, revoked; nobody else's."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import asyncpg
import pytest

from sonograph import clock
from sonograph.accounts import audit, keyring
from sonograph.accounts.keys import is_well_formed
from sonograph.errors import Conflict, Invalid, LimitReached, NotFound

pytestmark = pytest.mark.database

NewAccount = Callable[..., Awaitable[int]]
HERE = ip_address("2001:db8::7")


async def _actions(pool: asyncpg.Pool, account: int) -> list[str]:
    return [entry.action for entry in await audit.entries(pool, account)]


async def test_a_key_from_its_making_to_its_end(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    expires = clock.now() + timedelta(days=30)
    key, text = await keyring.create_key(
        pool,
        account,
        name="  cron ",
        test=True,
        scopes=["account", "read", "read"],
        networks=["198.51.100.7", "2001:db8::/32"],
        expires_at=expires,
        address=HERE,
    )
    assert is_well_formed(text)
    assert text.startswith("svk_test_")
    assert key.hint == f"svk_test_…{text[-4:]}"
    assert (key.name, key.scopes, key.expires_at) == ("cron", ("read", "account"), expires)
    assert key.networks == ("198.51.100.7/32", "2001:db8::/32")
    assert await keyring.list_keys(pool, account) == [key]
    renamed = await keyring.rename_key(pool, account, key.id, "nightly", address=HERE)
    assert renamed.name == "nightly"
    assert await keyring.revoke_key(pool, account, key.id, address=HERE)
    assert not await keyring.revoke_key(pool, account, key.id, address=HERE)
    (ended,) = await keyring.list_keys(pool, account)
    assert not ended.in_force
    lines = await audit.entries(pool, account)
    assert [line.action for line in lines] == ["key.revoked", "key.renamed", "key.created"]
    assert all(line.address == HERE and line.detail["key_id"] == key.id for line in lines)
    assert text not in str(lines)


@pytest.mark.parametrize("overlap", [timedelta(0), timedelta(hours=24)])
async def test_rotation(pool: asyncpg.Pool, new_account: NewAccount, overlap: timedelta) -> None:
    account = await new_account()
    expires = clock.now() + timedelta(days=30)
    old, old_text = await keyring.create_key(
        pool, account, name="n", test=False, scopes=["read"], networks=["10.0.0.0/8"], expires_at=expires
    )
    new, text = await keyring.rotate_key(pool, account, old.id, overlap=overlap)
    assert text != old_text
    assert (new.name, new.test, new.scopes, new.networks) == (old.name, old.test, old.scopes, old.networks)
    assert new.expires_at
    assert abs(new.expires_at - expires) < timedelta(minutes=1)
    shown = {key.id: key for key in await keyring.list_keys(pool, account)}
    replaced = shown[old.id]
    assert replaced.replaced_by == new.id
    assert replaced.in_force == bool(overlap)
    assert replaced.expires_at
    assert abs(replaced.expires_at - clock.now() - overlap) < timedelta(minutes=1)
    with pytest.raises(Conflict, match="rotated already" if overlap else "not in force"):
        await keyring.rotate_key(pool, account, old.id)
    assert await _actions(pool, account) == ["key.rotated", "key.created"]


async def test_an_overlap_does_not_lengthen_a_life(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    expires = clock.now() + timedelta(hours=1)
    old, _ = await keyring.create_key(pool, account, name="", test=False, expires_at=expires)
    await keyring.rotate_key(pool, account, old.id, overlap=timedelta(days=30))
    assert {key.id: key for key in await keyring.list_keys(pool, account)}[old.id].expires_at == expires


async def test_keys_of_others_do_not_exist(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account, stranger = await new_account(), await new_account()
    key, _ = await keyring.create_key(pool, account, name="mine", test=False)
    for number in (key.id, 0, -1, 2**31, 2**80):
        for call in (
            keyring.revoke_key(pool, stranger, number),
            keyring.rotate_key(pool, stranger, number),
            keyring.rename_key(pool, stranger, number, "theirs"),
        ):
            with pytest.raises(NotFound):
                await call
    assert await keyring.list_keys(pool, stranger) == []
    assert await keyring.list_keys(pool, account) == [key]
    with pytest.raises(NotFound):
        await keyring.create_key(pool, 2**31 - 1, name="", test=False)


async def test_keys_are_bounded_also_when_made_at_once(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    made = await asyncio.gather(
        *(keyring.create_key(pool, account, name=str(n), test=False, at_most=5) for n in range(12)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, LimitReached) for result in made) == 7
    keys = await keyring.list_keys(pool, account)
    assert len(keys) == 5
    await keyring.rotate_key(pool, account, keys[0].id)  # the one replaced does not count
    await keyring.revoke_key(pool, account, keys[1].id)
    await keyring.create_key(pool, account, name="again", test=False, at_most=5)


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "everything"]}, "scopes"),
        ({"networks": []}, "networks"),
        ({"networks": ["10.0.0.1/8"]}, "networks"),
        ({"networks": ["example.org"]}, "networks"),
        ({"networks": ["\x00"]}, "networks"),
        ({"networks": [f"10.0.0.{n}" for n in range(51)]}, "networks"),
        ({"expires_at": datetime(2030, 1, 1)}, "expires_at"),  # noqa: DTZ001  # that is the case
        ({"expires_at": clock.now() - timedelta(seconds=1)}, "expires_at"),
        ({"expires_at": clock.now() + timedelta(days=5000)}, "expires_at"),
    ],
)
async def test_bad_members(pool: asyncpg.Pool, new_account: NewAccount, members: dict[str, Any], field: str) -> None:
    account = await new_account()
    with pytest.raises(Invalid) as refused:
        await keyring.create_key(pool, account, **(dict[str, Any](name="", test=False) | members))
    assert refused.value.field == field
    assert await keyring.list_keys(pool, account) == []


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=31)])
async def test_bad_overlap(pool: asyncpg.Pool, new_account: NewAccount, overlap: timedelta) -> None:
    account = await new_account()
    key, _ = await keyring.create_key(pool, account, name="", test=False)
    with pytest.raises(Invalid, match="overlap"):
        await keyring.rotate_key(pool, account, key.id, overlap=overlap)
