"""What operators do: accounts found, made, verified, deleted; keys made for them."""

from pathlib import Path

import asyncpg
import pytest

from sonograph.accounts import audit, directory, keyring, links, sessions, sign_in
from sonograph.accounts.billing import ByHand
from sonograph.accounts.people import open_people
from sonograph.accounts.plans import PlanTable
from sonograph.accounts.store import create_key, list_keys, revoke_key
from sonograph.errors import Conflict, Invalid, NotFound
from sonograph.settings import Settings

pytestmark = pytest.mark.database

PLANS = PlanTable()


async def test_an_account_made_verified_deleted(pool: asyncpg.Pool) -> None:
    number = await directory.create(pool, PLANS, "Made@Directory.invalid", "starter", verified=False)
    with pytest.raises(Conflict, match="already"):
        await directory.create(pool, PLANS, "made@directory.INVALID", "free")
    row = await directory.find(pool, " made@directory.invalid ")
    assert (row.id, row.plan, row.email_verified_at, row.has_password, row.keys) == (number, "starter", None, False, 0)
    token = await links.make(pool, number, "verify", row.email, "a hash")
    assert await directory.verify(pool, row.email)
    assert not await directory.verify(pool, row.email)
    with pytest.raises(Invalid):  # nobody has shown whose password is in it
        await links.peek(pool, "verify", token)
    assert row.email in [listed.email for listed in await directory.list_accounts(pool)]
    assert [(line.action, line.address) for line in await audit.entries(pool, number)] == [
        ("account.verified", None),
        ("account.created", None),
    ]
    await directory.delete(pool, ByHand(), row.email)
    with pytest.raises(NotFound):
        await directory.find(pool, row.email)


async def test_a_reviewer_signs_in_anew(pool: asyncpg.Pool) -> None:
    number = await directory.create(pool, PLANS, "reviewer@directory.invalid", "free")
    token = await sessions.create(pool, number, address=None)
    assert await directory.set_reviewer(pool, "reviewer@directory.invalid", reviewer=True)
    assert not await directory.set_reviewer(pool, "reviewer@directory.invalid", reviewer=True)
    assert (await directory.find(pool, "reviewer@directory.invalid")).reviewer
    assert await sessions.look_up(pool, token) is None


async def test_a_key_does_not_change_the_plan_of_an_account(pool: asyncpg.Pool, database_url: str) -> None:
    email = "plan@directory.invalid"
    await create_key(database_url, email, "growth", test=True)
    await create_key(database_url, email, test=True)
    await create_key(database_url, email, "growth", test=True)
    with pytest.raises(Invalid, match="has the plan growth"):
        await create_key(database_url, email, "free", test=True)
    with pytest.raises(Invalid, match="must be one of"):
        await create_key(database_url, email, "enormous", test=True)
    row = await directory.find(pool, email)
    assert (row.plan, row.keys) == ("growth", 3)
    (first, *_) = await directory.list_keys(pool, email)
    assert first in await list_keys(database_url)
    assert await revoke_key(database_url, first.id)
    assert not await revoke_key(database_url, first.id)
    assert not await revoke_key(database_url, 2**40)
    assert len(await directory.list_keys(pool, email)) == 2


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", "x" * 400 + "@example.org", "a\x00@example.org"])
async def test_what_is_no_address(pool: asyncpg.Pool, email: str) -> None:
    for call in (
        directory.find(pool, email),
        directory.create(pool, PLANS, email, "free"),
        directory.verify(pool, email),
    ):
        with pytest.raises(Invalid, match="no e-mail address"):
            await call


async def test_names_of_unknown_accounts_and_plans(pool: asyncpg.Pool) -> None:
    with pytest.raises(NotFound, match="nobody@directory"):
        await directory.delete(pool, ByHand(), "nobody@directory.invalid")
    with pytest.raises(Invalid, match="plan"):
        await directory.create(pool, PLANS, "nobody@directory.invalid", "enormous")


async def test_a_deleted_account_takes_everything_along(pool: asyncpg.Pool) -> None:
    number = await directory.create(pool, PLANS, "gone@directory.invalid", "free")
    await keyring.create_key(pool, number, name="", test=True)
    await sessions.create(pool, number, address=None)
    await links.make(pool, number, "reset", "gone@directory.invalid")
    await directory.delete(pool, ByHand(), "gone@directory.invalid")
    for table in ("api_key", "session", "mail_link", "audit"):
        assert not await pool.fetchval(f"select count(*) from accounts.{table} where account_id = $1", number)


async def test_a_password_set_by_the_operator_signs_in_and_ends_sessions(pool: asyncpg.Pool, tmp_path: Path) -> None:
    await directory.create(pool, PLANS, "given@directory.invalid", "free")
    async with open_people(Settings(data_dir=tmp_path), pool) as people:
        await directory.set_password(pool, people.passwords, "given@directory.invalid", "correct horse battery")
        signed_in = await sign_in.sign_in(people, "given@directory.invalid", "correct horse battery", address=None)
        assert await sessions.look_up(pool, signed_in.token) is not None
        await directory.set_password(pool, people.passwords, "given@directory.invalid", "another horse battery")
        assert await sessions.look_up(pool, signed_in.token) is None
    assert not list((tmp_path / "mail").glob("*.eml"))
