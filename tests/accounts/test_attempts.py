"""Tries are counted in Redis where processes share it, and in each process while it is away."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

import pytest

from sonograph.accounts.attempts import RULES, Attempts, Windows
from sonograph.accounts.limits_storage import open_storage
from sonograph.errors import Misconfigured, TooManyAttempts
from tests.credits.redis_server import PROGRAM, RedisServer
from tests.service import free_port

needs_redis = pytest.mark.skipif(PROGRAM is None, reason="no redis-server or valkey-server on this machine")
HERE = ip_address("198.51.100.4")
MOST = RULES["password"][0][1].amount


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path)
    yield running
    running.stop()


@needs_redis
async def test_two_processes_share_one_count(server: RedisServer) -> None:
    account = uuid4().hex
    async with open_storage(server.url) as here, open_storage(server.url) as there:
        one, other = Attempts(here), Attempts(there)
        for n in range(MOST):
            await (one, other)[n % 2].count("password", account, HERE)
        for attempts in (one, other):
            with pytest.raises(TooManyAttempts) as refused:
                await attempts.count("password", account, HERE)
            assert 800 < refused.value.retry_after <= 900
        await one.count("password", uuid4().hex, HERE)
        assert one.failures == other.failures == 0


async def test_each_process_counts_while_the_store_is_away(caplog: pytest.LogCaptureFixture) -> None:
    async with open_storage(f"redis://127.0.0.1:{free_port()}") as away:
        attempts = Attempts(away)
        for _ in range(MOST):
            await attempts.count("password", "somebody", HERE)
        with pytest.raises(TooManyAttempts):
            await attempts.count("password", "somebody", HERE)
    assert attempts.failures == MOST + 1
    assert caplog.text.count("does not answer") == 1


@needs_redis
async def test_the_log_says_after_how_many_failures_it_is_back(
    caplog: pytest.LogCaptureFixture, server: RedisServer
) -> None:
    caplog.set_level("INFO")
    async with open_storage(server.url) as storage:
        attempts = Attempts(storage)
        for _ in range(2):
            await attempts.count("password", uuid4().hex, HERE)
            server.stop()
            for _ in range(3):
                await attempts.count("password", uuid4().hex, HERE)
            server.start()
            await attempts.count("password", uuid4().hex, HERE)
    assert attempts.failures == 6
    assert [r.levelname for r in caplog.records if "limits" in r.message] == ["ERROR", "INFO"] * 2
    assert caplog.text.count("after 3 failures") == 2


def test_a_window_moves() -> None:
    rule = RULES["password"][0][1]
    windows = Windows()
    assert [windows.hit(rule, ("a",), float(now)) for now in range(MOST)] == [0] * MOST
    assert windows.hit(rule, ("a",), 100.0) == rule.get_expiry() - 100
    assert windows.hit(rule, ("b",), 100.0) == 0
    assert windows.hit(rule, ("a",), rule.get_expiry() + 0.5) == 0  # the first has left
    assert windows.hit(rule, ("a",), rule.get_expiry() + 0.6) == 1


@pytest.mark.parametrize("url", ["", "127.0.0.1", "http://127.0.0.1", "redis://127.0.0.1:x"])
async def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(Misconfigured, match="SONOGRAPH_LIMITS_URL"):
        async with open_storage(url):
            pass
