"""Through real HTTP: our service and each contender in processes of their own, asked over kept connections."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.database import connected
from benchmarks.processes import backends, cpu_seconds
from benchmarks.reads.contender import APPLICATION
from benchmarks.reads.measured import Measured
from benchmarks.reads.projection import BY_GENRE, BY_ISRC
from benchmarks.reads.questions import Question, path

START_SECONDS = 60
ACCOUNTS = "sonograph accounts"  # the connections that write credits and usage; the other servers have none
OURS = "sonograph serve"
UNCOUNTED = "the same without limits and credits"
PLANS = "[plans.scale]\nburst = 100_000\nmonthly_credits = 1_000_000_000\n"  # a benchmark sends more than people do
EMAIL = "benchmark@example.org"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `application` is its name at the database, `request` what is sent for some arguments."""

    name: str
    application: str
    port: int
    pid: int
    request: Callable[[dict[str, Any]], bytes]


async def measure(
    dsn: str, names: Sequence[str], questions: Sequence[Question], rounds: int, connections: int
) -> list[list[Measured]]:
    """For each question the figures of the real service and of each contender in a small server.

    `connections` requests are under way at a time.
    """
    with ExitStack() as stack:
        sonograph = str(Path(sys.executable).with_name("sonograph"))
        servers = [
            stack.enter_context(_service(dsn, OURS, [sonograph, "serve"])),
            *(stack.enter_context(_small_server(name, dsn)) for name in names),
        ]
        return [await _contest(dsn, question, servers, rounds, connections) for question in questions]


async def measure_limits(
    dsn: str, questions: Sequence[Question], rounds: int, connections: int
) -> list[list[Measured]]:
    """The real service, and the same one without burst limit and credits, in the same run."""
    with ExitStack() as stack:
        sonograph = str(Path(sys.executable).with_name("sonograph"))
        servers = [
            stack.enter_context(_service(dsn, OURS, [sonograph, "serve"])),
            stack.enter_context(_service(dsn, UNCOUNTED, [sys.executable, "-m", "benchmarks.reads.uncounted"])),
        ]
        return [await _contest(dsn, question, servers, rounds, connections) for question in questions]


async def _contest(
    dsn: str, question: Question, servers: Sequence[Server], rounds: int, connections: int
) -> list[Measured]:
    measured = [Measured(server.name) for server in servers]
    watch = await connected(dsn)
    try:
        for server in servers:
            await _load(server, question, question.requests // 2, connections)
        pids = [[*await backends(watch, server.application), *await backends(watch, ACCOUNTS)] for server in servers]
        for _ in range(rounds):
            for server, figures, servants in zip(servers, measured, pids, strict=True):
                database, python = cpu_seconds(servants), cpu_seconds([server.pid])
                figures.seconds += await _load(server, question, question.requests, connections)
                figures.python.append((cpu_seconds([server.pid]) - python) / question.requests * 1e6)
                figures.database.append((cpu_seconds(servants) - database) / question.requests * 1e6)
    finally:
        await watch.close()
    return measured


async def _load(server: Server, question: Question, requests: int, connections: int) -> list[float]:
    """Seconds of each request; each connection sends its next one when it has the answer to the last."""
    seconds: list[float] = []
    turns, left = question.turns(), iter(range(requests))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            seconds.extend([await _ask(reader, writer, server.request(next(turns))) for _ in left])
        finally:
            writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return seconds


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    began = time.perf_counter()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
    took = time.perf_counter() - began
    if b" 200 " not in head.split(b"\r\n", 1)[0] or not body.startswith(b'{"data"'):
        raise SystemExit(f"{request.decode()}\n{head.decode()}{body[:1000].decode()}")
    return took


@contextmanager
def _small_server(name: str, dsn: str) -> Iterator[Server]:
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.reads.serve", name, dsn, str(port)]

    def request(arguments: dict[str, Any]) -> bytes:
        return f"GET {path(arguments)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    with _running(command, port) as pid:
        yield Server(name, APPLICATION.format(name), port, pid, request)


@contextmanager
def _service(dsn: str, name: str, command: Sequence[str]) -> Iterator[Server]:
    """The real service, asked as clients ask it: GraphQL by POST, with a key."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as plans:
        plans.write(PLANS)
        plans.flush()
        port = _free_port()
        environment = {
            **os.environ,
            "SONOGRAPH_DATABASE_URL": dsn,
            "SONOGRAPH_PORT": str(port),
            "SONOGRAPH_PLANS_FILE": plans.name,
        }
        with _running(command, port, environment) as pid:
            yield Server(name, "sonograph catalog", port, pid, _asking(environment))


def _asking(environment: dict[str, str]) -> Callable[[dict[str, Any]], bytes]:
    """What is sent for some arguments, with a new key."""
    sonograph = str(Path(sys.executable).with_name("sonograph"))
    made = subprocess.run(
        [sonograph, "keys", "create", "--email", EMAIL, "--plan", "scale"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    key = made.stdout.splitlines()[-1].strip()

    def request(arguments: dict[str, Any]) -> bytes:
        if "isrc" in arguments:
            asked = {"query": BY_ISRC, "variables": arguments}
        else:
            asked = {"query": BY_GENRE, "variables": {"genre": arguments["genre_id"], "first": arguments["first"]}}
        body = orjson.dumps(asked)
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nx-api-key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return request


@contextmanager
def _running(command: Sequence[str], port: int, environment: dict[str, str] | None = None) -> Iterator[int]:
    """The process id of a server that listens on the port."""
    process = subprocess.Popen(command, env=environment)
    try:
        _wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"no server on port {port}")
