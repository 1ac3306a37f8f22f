"""The burst limit: a moving window, exact, in memory and in Redis."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from api.health import ready
from sonograph.accounts import burst
from sonograph.accounts.attempts import Attempts
from sonograph.accounts.burst import MemoryBurst, SharedBurst, open_burst
from sonograph.accounts.limits_storage import open_storage
from sonograph.errors import Misconfigured
from tests.credits.redis_server import PROGRAM, RedisServer
from tests.service import free_port

needs_redis = pytest.mark.skipif(PROGRAM is None, reason="no redis-server or valkey-server on this machine")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path)
    yield running
    running.stop()


def test_the_window_moves() -> None:
    counted = MemoryBurst()
    assert [counted.count(1, 3, now).allowed for now in (0.0, 10.0, 20.0)] == [True] * 3
    refused = counted.count(1, 3, 59.9)
    assert (refused.allowed, refused.remaining, refused.reset) == (False, 0, 1)
    again = counted.count(1, 3, 60.0)
    assert (again.allowed, again.remaining, again.reset) == (True, 0, 10), "refused requests do not count"
    assert not counted.count(1, 3, 69.9).allowed
    later = counted.count(1, 3, 200.0)
    assert (later.allowed, later.remaining, later.reset) == (True, 2, 60)


def test_keys_do_not_share_and_idle_ones_are_forgotten() -> None:
    counted = MemoryBurst()
    assert counted.count(1, 1, 0.0).allowed
    assert counted.count(2, 1, 0.0).allowed
    assert not counted.count(1, 1, 1.0).allowed
    for now in (100.0, 101.0, 102.0):
        counted.count(3, 1000, now)
    assert set(counted._windows) == {3}


def test_a_larger_plan_is_in_force_at_once() -> None:
    counted = MemoryBurst()
    assert [counted.count(1, limit, 1.0).allowed for limit in (1, 1, 2, 1)] == [True, False, True, False]


@needs_redis
async def test_processes_share_one_limit(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burst, "ANSWER_SECONDS", 10.0)  # sixty first connections at once, on a busy machine
    one, two = SharedBurst(server.url), SharedBurst(server.url.replace("redis:", "valkey:"))
    try:
        windows = await asyncio.gather(*((one, two)[i % 2].hit(1, 20) for i in range(60)))
        assert sum(window.allowed for window in windows) == 20
        assert (one.failures, two.failures) == (0, 0)
        seen = await one.hit(2, 20)
        assert (seen.limit, seen.remaining) == (20, 19)
        assert 59 <= seen.reset <= 60
    finally:
        await one.close()
        await two.close()


@needs_redis
async def test_without_redis_each_process_counts_for_itself(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(burst, "RETRY_SECONDS", 0.3)
    counted = SharedBurst(server.url)
    try:
        assert (await counted.hit(1, 5)).allowed
        server.stop()
        windows = [await counted.hit(1, 5) for _ in range(20)]
        assert sum(window.allowed for window in windows) == 5
        assert counted.failures == 1, "one request found out, the others did not wait"
        await asyncio.sleep(0.4)
        await counted.hit(1, 5)
        assert [record.levelname for record in caplog.records if "Redis" in record.message] == ["ERROR"], "said once"
        server.start()
        await asyncio.sleep(0.4)
        assert (await counted.hit(9, 5)).allowed
        assert counted.failures == 2
        assert [r.levelname for r in caplog.records if "Redis" in r.message] == ["ERROR", "INFO"]
        assert "after 2 failures" in caplog.text
    finally:
        await counted.close()


async def test_failures_are_told_where_readiness_is_asked_for() -> None:
    class Catalog:
        async def rows(self, _: str) -> list[dict[str, bool]]:
            return [{"filled": True}]

    url = f"redis://127.0.0.1:{free_port()}/0"
    counted = SharedBurst(url)
    async with open_storage(url) as storage:
        attempts = Attempts(storage)
        for _ in range(3):
            await attempts.count("password", "somebody", None)
        await counted.hit(1, 5)
        app = Starlette(routes=[Route("/health/ready", ready)])
        app.state.engine = SimpleNamespace(sandbox=Catalog())
        app.state.throttle = SimpleNamespace(burst=counted)
        app.state.people = SimpleNamespace(attempts=attempts)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            answer = await client.get("/health/ready")
    await counted.close()
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "limits": {"failures": {"burst": 1, "attempts": 3}}}


async def test_a_redis_that_hangs_delays_one_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        counted = SharedBurst(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = monotonic()
        for _ in range(50):
            assert (await counted.hit(1, 100)).allowed
        assert counted.failures == 1
        assert monotonic() - began < 50 * burst.ANSWER_SECONDS / 2
        await counted.close()


def test_other_addresses_are_refused() -> None:
    for url in ("http://127.0.0.1", "redis", "memcached://x"):
        with pytest.raises(Misconfigured, match="SONOGRAPH_LIMITS_URL"):
            open_burst(url)
    assert isinstance(open_burst("memory://"), MemoryBurst)
