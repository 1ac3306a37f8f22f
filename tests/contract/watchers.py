"""Accounts that watch streams, and what was heard on them, written straight into the database."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

import asyncpg
import httpx

from sonograph.accounts.entitlements import set_streams
from sonograph.accounts.store import create_key
from sonograph.monitoring.partitions import ensure_partitions
from tests.service import Service

_numbers = count(1)
_ENDED = timedelta()  # what is added to the end: null leaves it open


@dataclass(frozen=True, slots=True)
class Watcher:
    """An account of its own, with a client for its key."""

    client: httpx.Client
    key: str
    email: str
    database_url: str

    def run(self, work: Any) -> Any:
        """What `work(connection)` answers."""

        async def connected() -> Any:
            settings = {"search_path": "accounts", "timezone": "UTC"}
            async with asyncpg.create_pool(self.database_url, min_size=1, max_size=1, server_settings=settings) as pool:
                return await work(pool)

        return asyncio.run(connected())

    @property
    def account_id(self) -> int:
        number: int = self.run(lambda pool: pool.fetchval("select id from account where email = $1", self.email))
        return number

    def entitle(self, streams: int) -> None:
        """Let it watch so many live streams."""
        number = self.account_id
        self.run(lambda pool: set_streams(pool, number, streams, datetime.now(UTC)))

    def air(self, stream: str, *plays: "Aired") -> None:
        """Write airings of a stream."""
        rows = [
            (int(stream), p.track, p.at, p.at + timedelta(seconds=p.seconds), _ENDED if p.ended else None, p.confidence)
            for p in plays
        ]

        async def work(pool: asyncpg.Pool) -> None:
            async with pool.acquire() as connection:
                for at in {p.at.replace(day=1) for p in plays}:
                    await ensure_partitions(connection, at, ahead=0)
                await connection.executemany(
                    "insert into play (account_id, stream_id, test, track_id, started_at, heard_until, ended_at, "
                    "played_ms, confidence) select s.account_id, s.id, s.test, g.* "
                    "from stream s, lateral (select $2::int, $3::timestamptz, $4::timestamptz, $4 + $5::interval, "
                    "(extract(epoch from $4 - $3) * 1000)::int + extract(epoch from $5)::int, $6::real) g "
                    "where s.id = $1",
                    rows,
                )

        self.run(work)

    def execute(self, statement: str, *values: Any) -> None:
        self.run(lambda pool: pool.execute(statement, *values))


@dataclass(frozen=True, slots=True)
class Aired:
    """An airing to be written."""

    track: int
    at: datetime
    seconds: float = 180.0
    ended: bool = True
    confidence: float = 0.97


def watcher(service: Service, database_url: str, plan: str = "scale", *, test: bool = True) -> Watcher:
    """A new account."""
    email = f"watcher{next(_numbers)}@contract.invalid"
    key = asyncio.run(create_key(database_url, email, plan, test=test))
    client = httpx.Client(base_url=service.url, headers={"x-api-key": key}, timeout=30)
    return Watcher(client, key, email, database_url)


class _Station(BaseHTTPRequestHandler):
    """Audio, a page, and nothing."""

    def __init__(self, sound: bytes, *args: Any) -> None:
        self.sound = sound
        super().__init__(*args)

    def do_GET(self) -> None:
        kind, body = {
            "/live.mp3": ("audio/mpeg", self.sound),
            "/other.mp3": ("audio/mpeg", self.sound),
            "/page": ("text/html", b"<!doctype html><title>Radio</title>"),
        }.get(self.path, ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(body)
        if kind == "audio/mpeg":  # what comes to its end is a file, and refused
            self.connection.settimeout(60)
            with suppress(OSError):
                self.rfile.read(1)  # until the listener goes

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@contextmanager
def station(sound: bytes) -> Iterator[str]:
    """URL of a station on this machine, without a path."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Station, sound)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
