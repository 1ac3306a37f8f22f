"""Through real HTTP: each contender in a server process of its own, asked over kept connections from this one."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

from benchmarks.database import connected
from benchmarks.processes import backends, cpu_seconds
from benchmarks.reads.contender import APPLICATION
from benchmarks.reads.measured import Measured
from benchmarks.reads.questions import Question, path

START_SECONDS = 30


def serve_command(name: str, dsn: str, port: int) -> list[str]:
    """The command that serves a contender on a port of this machine."""
    return [sys.executable, "-m", "benchmarks.reads.serve", name, dsn, str(port)]


async def measure(
    dsn: str, names: Sequence[str], questions: Sequence[Question], rounds: int, connections: int
) -> list[list[Measured]]:
    """For each question the figures of each contender; `connections` requests are under way at a time."""
    with ExitStack() as stack:
        servers = [stack.enter_context(_served(name, dsn)) for name in names]
        return [await _contest(dsn, question, servers, rounds, connections) for question in questions]


async def _contest(
    dsn: str, question: Question, servers: Sequence[tuple[str, int, int]], rounds: int, connections: int
) -> list[Measured]:
    measured = [Measured(name) for name, _, _ in servers]
    watch = await connected(dsn)
    try:
        for _, port, _ in servers:
            await _load(port, question, question.requests // 2, connections)
        pids = [await backends(watch, APPLICATION.format(name)) for name, _, _ in servers]
        for _ in range(rounds):
            for (_, port, pid), figures, servants in zip(servers, measured, pids, strict=True):
                database, python = cpu_seconds(servants), cpu_seconds([pid])
                figures.seconds += await _load(port, question, question.requests, connections)
                figures.python.append((cpu_seconds([pid]) - python) / question.requests * 1e6)
                figures.database.append((cpu_seconds(servants) - database) / question.requests * 1e6)
    finally:
        await watch.close()
    return measured


async def _load(port: int, question: Question, requests: int, connections: int) -> list[float]:
    """Seconds of each request; each connection sends its next one when it has the answer to the last."""
    seconds: list[float] = []
    turns, left = question.turns(), iter(range(requests))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            seconds.extend([await _ask(reader, writer, next(turns)) for _ in left])
        finally:
            writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return seconds


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arguments: dict[str, Any]) -> float:
    began = time.perf_counter()
    writer.write(f"GET {path(arguments)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise SystemExit(f"{path(arguments)}: {head.decode()}")
    await reader.readexactly(int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
    return time.perf_counter() - began


_ports: Iterator[int] = count(18_700)


@contextmanager
def _served(name: str, dsn: str) -> Iterator[tuple[str, int, int]]:
    """(name, port, process id) of a running server."""
    port = next(_ports)
    process = subprocess.Popen(serve_command(name, dsn, port))
    try:
        _wait_for(port, process)
        yield name, port, process.pid
    finally:
        process.terminate()
        process.wait(START_SECONDS)


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
