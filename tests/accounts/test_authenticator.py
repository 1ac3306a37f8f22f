"""Keys at the door: remembered, forgotten at once, limited to scopes, networks and time; who is behind a proxy."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from api.auth import Authenticator, permit, scope_of_path
from api.client_address import Proxies
from sonograph import clock
from sonograph.accounts import directory, keyring
from sonograph.accounts.billing import ByHand
from sonograph.accounts.keys import generate
from sonograph.accounts.plans import PlanTable
from sonograph.errors import EmailNotVerified, Forbidden, Misconfigured, SonographError, Unauthenticated, Unavailable
from tests.service import free_port

pytestmark = pytest.mark.database

NewAccount = Callable[..., Awaitable[int]]
HERE = "198.51.100.4"


def _scope(key: str, path: str = "/v1/genres", client: str | None = HERE) -> dict[str, Any]:
    headers = [(b"x-api-key", key.encode())]
    return {"type": "http", "path": path, "headers": headers, "client": (client, 1234) if client else None}


@pytest.fixture
async def door(pool: asyncpg.Pool, database_url: str) -> AsyncIterator[Authenticator]:
    async with Authenticator(pool, PlanTable()).open(database_url) as opened:
        while not opened._forgotten:  # noqa: ASYNC110  # it listens once it has forgotten all
            await asyncio.sleep(0.01)
        yield opened


async def _admitted(door: Authenticator, scope: dict[str, Any]) -> None:
    permit(await door.principal(scope), scope)


async def _refused_soon(door: Authenticator, key: str, reason: type[SonographError]) -> None:
    """Long before what is remembered is old."""
    end = asyncio.get_running_loop().time() + 3
    while True:
        try:
            await _admitted(door, _scope(key))
        except reason:
            return
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.01)


async def test_a_remembered_key_costs_no_statement(
    door: Authenticator, pool: asyncpg.Pool, new_account: NewAccount
) -> None:
    account = await new_account("growth")
    key, text = await keyring.create_key(pool, account, name="", test=True)
    first = await door.principal(_scope(text))
    assert (first.account_id, first.key_id, first.plan, first.test) == (account, key.id, "growth", True)
    assert (first.scopes, first.networks) == (None, None)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table accounts.api_key in access exclusive mode")
        for _ in range(3):
            assert await door.principal(_scope(text)) is first


async def test_changes_are_heard_at_once(door: Authenticator, pool: asyncpg.Pool, new_account: NewAccount) -> None:
    account = await new_account()
    keys = [await keyring.create_key(pool, account, name="", test=True) for _ in range(4)]
    texts = [text for _, text in keys]
    assert {(await door.principal(_scope(text))).plan for text in texts} == {"free"}
    await keyring.revoke_key(pool, account, keys[0][0].id)
    await _refused_soon(door, texts[0], Unauthenticated)
    await keyring.rotate_key(pool, account, keys[1][0].id, overlap=timedelta(0))
    await _refused_soon(door, texts[1], Unauthenticated)
    await pool.execute("update accounts.account set plan = 'scale' where id = $1", account)
    while (await door.principal(_scope(texts[2]))).plan != "scale":  # noqa: ASYNC110  # asked, not told
        await asyncio.sleep(0.01)
    await pool.execute("update accounts.account set email_verified_at = null where id = $1", account)
    await _refused_soon(door, texts[2], EmailNotVerified)
    await directory.delete(
        pool, ByHand(), await pool.fetchval("select email from accounts.account where id = $1", account)
    )
    await _refused_soon(door, texts[3], Unauthenticated)


async def test_listening_goes_on_after_the_connection_is_lost(
    pool: asyncpg.Pool, database_url: str, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await new_account()
    key, text = await keyring.create_key(pool, account, name="", test=True)
    monkeypatch.setattr("sonograph.accounts.change_feed.CHECK_SECONDS", 0.1)
    monkeypatch.setattr("sonograph.accounts.change_feed.RETRY_SECONDS", 0.1)
    async with Authenticator(pool, PlanTable()).open(database_url) as other:
        while not other._forgotten:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        before = other._forgotten
        await pool.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'sonograph changes' and datname = current_database()"
        )
        while other._forgotten == before:  # noqa: ASYNC110  # anything may have changed meanwhile
            await asyncio.sleep(0.01)
        await other.principal(_scope(text))
        await keyring.revoke_key(pool, account, key.id)
        await _refused_soon(other, text, Unauthenticated)


async def test_an_end_is_kept_to_the_moment(door: Authenticator, pool: asyncpg.Pool, new_account: NewAccount) -> None:
    ends = clock.now() + timedelta(seconds=0.6)
    _, text = await keyring.create_key(pool, await new_account(), name="", test=True, expires_at=ends)
    await door.principal(_scope(text))
    await _refused_soon(door, text, Unauthenticated)
    assert timedelta() < clock.now() - ends < timedelta(seconds=2)


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/genres", "read"),
        ("/v1/tracks/1", "read"),
        ("/v1/tracks/resolve", "read"),
        ("/v1/tracks/identify", "identify"),
        ("/v1/tracks/1/suggestions", "suggestions"),
        ("/v1/tracks/1/suggestions/", "suggestions"),
        ("/v1/suggestions", "suggestions"),
        ("/v1/streams", "streams"),
        ("/v1/streams/abc/history", "streams"),
        ("/v1/webhooks/1/test", "webhooks"),
    ],
)
async def test_scopes_of_paths(
    door: Authenticator, pool: asyncpg.Pool, new_account: NewAccount, path: str, scope: str
) -> None:
    assert scope_of_path(path) == scope
    account = await new_account()
    _, fits = await keyring.create_key(pool, account, name="", test=True, scopes=[scope])
    _, other = await keyring.create_key(pool, account, name="", test=True, scopes=["account"])
    await _admitted(door, _scope(fits, path))
    with pytest.raises(Forbidden, match=f"no scope '{scope}'"):
        await _admitted(door, _scope(other, path))


async def test_networks(door: Authenticator, pool: asyncpg.Pool, new_account: NewAccount) -> None:
    _, text = await keyring.create_key(
        pool, await new_account(), name="", test=True, networks=["198.51.100.0/24", "2001:db8::/32"]
    )
    for client in (HERE, "::ffff:198.51.100.9", "2001:db8::1", "2001:db8::1%eth0"):
        await _admitted(door, _scope(text, client=client))
    for stranger in ("198.51.101.1", "2001:db9::1", "testclient", None):
        with pytest.raises(Forbidden, match="may not be used from"):
            await _admitted(door, _scope(text, client=stranger))


async def test_last_use_is_written_later_and_in_one_statement(
    pool: asyncpg.Pool, database_url: str, new_account: NewAccount
) -> None:
    account = await new_account()
    used, text = await keyring.create_key(pool, account, name="", test=True)
    await keyring.create_key(pool, account, name="", test=True)
    async with Authenticator(pool, PlanTable()).open(database_url) as door:
        await door.principal(_scope(text))
        assert (await keyring.list_keys(pool, account))[1].last_used_at is None
    unused, used = await keyring.list_keys(pool, account)
    assert unused.last_used_at is None
    assert used.last_used_at
    assert clock.now() - used.last_used_at < timedelta(seconds=30)


async def test_without_a_database_the_answer_says_so() -> None:
    async with asyncpg.create_pool(f"postgresql://nobody@127.0.0.1:{free_port()}/none", min_size=0) as away:
        with pytest.raises(Unavailable):
            await Authenticator(away, PlanTable()).principal(_scope(generate(test=True).text))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("203.0.113.7", "1.2.3.4", "203.0.113.7"),
        ("203.0.113.7", "10.0.0.1", "203.0.113.7"),
    ],
)
def test_the_client_behind_trusted_proxies(peer: str, forwarded: str | None, client: str) -> None:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    scope: dict[str, Any] = {"client": (peer, 1), "headers": headers}
    Proxies("10.0.0.0/8, 192.0.2.1").reveal(scope)
    assert scope["client"][0] == client
    split = {
        "client": (peer, 1),
        "headers": [(b"x-forwarded-for", part.encode()) for part in (forwarded or "").split(",")],
    }
    Proxies("10.0.0.0/8, 192.0.2.1").reveal(split)
    assert split["client"] == scope["client"] or not forwarded


def test_proxies_that_are_none() -> None:
    assert not Proxies("").trusted
    with pytest.raises(Misconfigured, match="SONOGRAPH_TRUSTED_PROXIES"):
        Proxies("nginx")
