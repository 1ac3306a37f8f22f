"""`sonograph doctor` and the optional parts: what is said of each, set, unset and wrong."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from api import doctor_settings
from api.doctor import Finding, _setting, examine, monitors
from api.doctor_settings import LOOKS
from sonograph.monitoring import lease_store
from sonograph.settings import Settings
from tests.credits.redis_server import PROGRAM, RedisServer
from tests.monitoring_worker import rows
from tests.service import free_port

UNSET = {
    "limits": "SONOGRAPH_LIMITS_URL",
    "plans": "SONOGRAPH_PLANS_FILE",
    "mail": "SONOGRAPH_SMTP_URL",
    "persisted operations": "SONOGRAPH_PERSISTED_OPERATIONS",
    "billing": "SONOGRAPH_STRIPE_KEY",
    "proxies": "SONOGRAPH_TRUSTED_PROXIES",
}


async def finding(part: str, **settings: Any) -> Finding:
    return await _setting(part, dict(LOOKS)[part], Settings(**settings))


class Door:
    """A mail server that lets one in and takes nothing."""

    taken = 0

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == b"right")

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802  # the library's name
        self.taken += 1
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[tuple[int, Door]]:
    door = Door()
    server = Controller(
        door, hostname="127.0.0.1", port=free_port(), authenticator=door.authenticate, auth_require_tls=False
    )
    server.start()
    yield server.port, door
    server.stop()


async def test_unset_parts_say_what_is_used_instead() -> None:
    for part, variable in UNSET.items():
        found = await finding(part)
        assert found.ok, found
        assert found.text.startswith(f"{variable} is not set: ")


async def test_all_of_them_stand_in_the_examination_without_a_database(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    settings = Settings(data_dir=tmp_path, database_url=nowhere, trusted_proxies="nginx")
    findings = {found.part: found.ok for found in await examine(settings)}
    assert list(findings)[2:] == [*UNSET, "database"]
    assert not findings["proxies"]
    assert all(findings[part] for part in UNSET if part != "proxies")


async def test_a_store_of_limits() -> None:
    away = await finding("limits", limits_url=f"redis://:secret@127.0.0.1:{free_port()}/0")
    assert (away.ok, away.text) == (False, "SONOGRAPH_LIMITS_URL: the store does not answer")
    assert not (await finding("limits", limits_url="http://127.0.0.1")).ok


@pytest.mark.skipif(PROGRAM is None, reason="no redis-server or valkey-server on this machine")
async def test_a_store_of_limits_that_answers(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    try:
        assert await finding("limits", limits_url=server.url) == Finding("limits", True, "the store of limits answers")  # noqa: FBT003
    finally:
        server.stop()


async def test_plans(tmp_path: Path) -> None:
    file = tmp_path / "plans.toml"
    missing = await finding("plans", plans_file=file)
    assert not missing.ok
    assert "cannot be read" in missing.text
    file.write_text("[plans.free]\nburst = 0\n", encoding="utf-8")
    assert not (await finding("plans", plans_file=file)).ok
    file.write_text("[plans.free]\nburst = 7\n", encoding="utf-8")
    right = await finding("plans", plans_file=file)
    assert right.ok
    assert "free, starter" in right.text


async def test_a_mail_server_is_entered_and_sent_nothing(mail_server: tuple[int, Door]) -> None:
    port, door = mail_server
    assert (await finding("mail", smtp_url=f"smtp://me:right@127.0.0.1:{port}")).ok
    wrong = await finding("mail", smtp_url=f"smtp://me:mistaken@127.0.0.1:{port}")
    assert not wrong.ok
    assert "mistaken" not in wrong.text
    assert not (await finding("mail", smtp_url=f"smtp://127.0.0.1:{port}?starttls")).ok, "it has no certificate"
    assert not (await finding("mail", smtp_url=f"smtp://127.0.0.1:{free_port()}")).ok
    assert door.taken == 0


async def test_a_mail_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_settings, "MAIL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = await finding("mail", smtp_url=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
    assert not found.ok
    assert "timed out" in found.text


async def test_persisted_operations(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"one": "{ genres { name } }"}), encoding="utf-8")
    right = await finding("persisted operations", persisted_operations=manifest, persisted_only=True)
    assert right.ok
    assert right.text.startswith("1 in ")
    manifest.write_text(json.dumps({"one": "{ nothing }"}), encoding="utf-8")
    assert not (await finding("persisted operations", persisted_operations=manifest)).ok
    assert not (await finding("persisted operations", persisted_only=True)).ok


async def test_stripe(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {"stripe_key": "sk_test_x", "stripe_price": "price_x", "stripe_webhook_secret": "whsec_x"}
    assert (await finding("billing", **whole)).ok
    for name in whole:
        assert not (await finding("billing", **{k: v for k, v in whole.items() if k != name})).ok, name
    monkeypatch.setattr(doctor_settings, "find_spec", lambda name: None if name == "stripe" else name)
    bare = await finding("billing", **whole)
    assert not bare.ok
    assert "stripe" in bare.text


async def test_proxies() -> None:
    assert (await finding("proxies", trusted_proxies="10.0.0.0/8, 192.0.2.1")).ok
    assert not (await finding("proxies", trusted_proxies="nginx")).ok


@pytest.mark.database
async def test_monitors(pool: asyncpg.Pool) -> None:
    """None at all, one that watches, one that was not seen lately; in a transaction that is taken back."""
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("set local search_path = accounts")
            await connection.execute("delete from stream")
            await connection.execute("delete from monitor")
            assert await monitors(connection) == Finding("monitors", True, "none is running; active streams: 0")  # noqa: FBT003
            owner = await rows.account(connection, "doctor@tests.invalid")
            await rows.stream(connection, owner)
            assert (await monitors(connection)).ok, "it was made just now"
            await connection.execute("update stream set created_at = now() - interval '1 hour'")
            alone = await monitors(connection)
            assert not alone.ok
            assert alone.text == "none is running; active streams: 1, of which 1 are watched by nobody"
            number = await lease_store.register(connection, "tests", 10)
            assert not (await monitors(connection)).ok, "it has not taken the stream"
            await connection.execute("update stream set monitor_id = $1", number)
            assert await monitors(connection) == Finding("monitors", True, "1 running; active streams: 1")  # noqa: FBT003
            await connection.execute("update monitor set seen_at = '2026-06-01 12:00:00+00'")
            gone = await monitors(connection)
            assert not gone.ok
            assert "the last one was seen at 2026-06-01 12:00:00 UTC; active streams: 1, of which 1" in gone.text
        finally:
            await transaction.rollback()
