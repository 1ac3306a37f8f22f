"""One event to many listeners: `python -m benchmarks.fanout --listeners 10000 --kind ws [--beside node]`.

The service runs as it is served, in a process of its own with an embedded database; listeners are raw sockets in two
other processes. For each event: CPU of the server process a listener (its reading, executing and encoding included),
and when the first and the last listener had it, from just before the transaction that wrote it. Memory is what the
server's process grew by, a connection. `--beside node` has npm's graphql-ws with ws serve the same answer afterwards.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import psutil

from benchmarks.figures import table
from benchmarks.processes import cpu_seconds
from sonograph import clock
from sonograph.accounts.store import create_key
from sonograph.events.event import EventType, NewEvent
from sonograph.events.store import append, data_time
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.postgres.embedded import EmbeddedPostgres

PROCESSES = 2  # of listeners
START_SECONDS = 120.0
PLANS = "[plans.scale]\nburst = 100_000\nmax_connections = 100_000\n"
KINDS = ("ws", "sse", "graphql-sse")
HERE = Path(__file__).parent
TRACK = {
    "databaseId": 1,
    "title": "One More Time",
    "isrc": "GBDUW0000053",
    "duration": 320,
    "artists": [
        {"artist": {"databaseId": 1, "name": "Daft Punk"}},
        {"artist": {"databaseId": 2, "name": "Romanthony"}},
    ],
}
PLAY = {"startedAt": "2026-06-01T12:00:00Z", "confidence": 0.98, "stream": {"id": "U3RyZWFtOjE="}, "track": TRACK}

Publish = Callable[[], Awaitable[None]]


class Listeners:
    """Processes of listeners."""

    def __init__(self, port: int, kind: str, count: int, key: str) -> None:
        shares = [count // PROCESSES + (n < count % PROCESSES) for n in range(PROCESSES)]
        self.count = count
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.fanout.load", str(port), kind, str(share), key],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for share in shares
        ]

    def line(self, process: "subprocess.Popen[str]") -> str:
        return process.stdout.readline().strip() if process.stdout else ""

    async def ready(self) -> None:
        for process in self.processes:
            said = await asyncio.to_thread(self.line, process)
            if said != "ready":
                raise SystemExit(f"listeners ended: {said}")

    async def counted(self, events: int) -> tuple[float, float]:
        """When the first and the last of them had the newest event, once all have had so many."""
        for process in self.processes:
            print(f"count {events}", file=process.stdin, flush=True)
        said = [(await asyncio.to_thread(self.line, process)).split() for process in self.processes]
        got, lost = sum(int(one[2]) for one in said), sum(int(one[3]) for one in said)
        if got != events * self.count or lost:
            raise SystemExit(f"{got} of {events * self.count} deliveries, {lost} connections lost")
        return min(float(one[0]) for one in said), max(float(one[1]) for one in said)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


async def measure(  # noqa: PLR0913, PLR0917  # of what, and how
    kind: str, pid: int, port: int, key: str, publish: Publish, arguments: argparse.Namespace
) -> list[object]:
    """A row of the table."""
    server = psutil.Process(pid)
    before, cpu = server.memory_info().rss, cpu_seconds([pid])
    listeners = Listeners(port, kind, arguments.listeners, key)
    try:
        await listeners.ready()
        connecting = (cpu_seconds([pid]) - cpu) / arguments.listeners
        await asyncio.sleep(2)  # what was begun is listening then
        memory = (server.memory_info().rss - before) / arguments.listeners
        costs, firsts, lasts = [], [], []
        for event in range(1, arguments.events + 2):
            cpu, began = cpu_seconds([pid]), time.monotonic()
            await publish()
            first, last = await listeners.counted(event)
            if event > 1:  # the first one warms up
                costs.append((cpu_seconds([pid]) - cpu) / arguments.listeners)
                firsts.append(first - began)
                lasts.append(last - began)
            await asyncio.sleep(0.3)
        grown = (server.memory_info().rss - before) / arguments.listeners
    finally:
        listeners.stop()
    return [
        kind,
        f"{statistics.median(costs) * 1e6:.1f}",
        f"{max(costs) * 1e6:.1f}",
        f"{memory / 1024:.1f}",
        f"{grown / 1024:.1f}",
        f"{statistics.median(firsts) * 1e3:.0f}",
        f"{statistics.median(lasts) * 1e3:.0f}",
        f"{max(lasts) * 1e3:.0f}",
        f"{connecting * 1e6:.0f}",
    ]


async def ours(kinds: list[str], arguments: argparse.Namespace, folder: Path) -> list[list[object]]:
    """The service."""
    (folder / "plans.toml").write_text(PLANS)
    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    rows = []
    try:
        for kind in kinds:  # a process each: memory grows from the same place
            port = arguments.port
            settings = {"DATABASE_URL": postgres.dsn, "PORT": str(port), "DATA_DIR": str(folder / "data")}
            settings |= {"PLANS_FILE": str(folder / "plans.toml"), "LOG_LEVEL": "warning"}
            environment = {**os.environ, **{f"SONOGRAPH_{name}": value for name, value in settings.items()}}
            command = [str(Path(sys.executable).with_name("sonograph")), "serve"]
            server = subprocess.Popen(command, env=environment)  # noqa: ASYNC220  # at once
            try:
                await _until_ready(port)
                rows.append(await _ours(kind, server.pid, postgres.dsn, arguments))
            finally:
                server.terminate()
                server.wait(30)
    finally:
        postgres.stop()
    return rows


async def _ours(kind: str, pid: int, dsn: str, arguments: argparse.Namespace) -> list[object]:
    email = f"{kind}@fanout.invalid"
    key = await create_key(dsn, email, "scale", test=True)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "accounts", "timezone": "UTC"})
    try:
        account = await connection.fetchval("select id from account where email = $1", email)
        stream = await connection.fetchval(
            "insert into stream (account_id, test, url, detection_mode, outage_notifications, created_at, "
            "runtime_status, status_at) values ($1, true, 'https://radio.example.net/live', 2, false, now(), 1, now()) "
            "returning id",
            account,
        )
        await ensure_partitions(connection, clock.now())

        async def publish() -> None:
            started = clock.now()
            async with connection.transaction():
                play = await connection.fetchval(
                    "insert into play (account_id, stream_id, test, track_id, started_at, heard_until, confidence) "
                    "values ($1, $2, true, 1, $3, $3, 0.98) returning id",
                    account,
                    stream,
                    started,
                )
                data = {"play_id": play, "track_id": 1, "started_at": data_time(started)}
                await append(connection, [NewEvent(account, True, EventType.PLAY_STARTED, stream, started, data)])  # noqa: FBT003  # the row

        async with httpx.AsyncClient(headers={"x-api-key": key}) as client:  # what is loaded at the first request
            await client.post(f"http://127.0.0.1:{arguments.port}/graphql", json={"query": "{ genres { name } }"})
        return await measure(kind, pid, arguments.port, key, publish, arguments)
    finally:
        await connection.close()


async def node(arguments: argparse.Namespace) -> list[object]:
    """The npm packages graphql-ws and ws."""
    command = shutil.which("node")
    if command is None:
        raise SystemExit("node is not installed")
    port = arguments.port + 1
    server = subprocess.Popen(  # noqa: ASYNC220  # at once
        [command, str(HERE / "node_server.mjs"), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        if server.stdout is not None:
            await asyncio.to_thread(server.stdout.readline)
        numbers = iter(range(1, 10**6))

        async def publish() -> None:
            event = {"id": f"evt_{next(numbers):015d}", "type": "STARTED", "play": PLAY}
            print(json.dumps({"plays": event}), file=server.stdin, flush=True)

        row = await measure("node", server.pid, port, "none", publish, arguments)
    finally:
        server.kill()
        server.wait()
    return ["npm graphql-ws + ws", *row[1:]]


async def _until_ready(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    async with httpx.AsyncClient() as client:
        while time.monotonic() < until:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
                if answer.status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise SystemExit("the service does not start")


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fanout", description=__doc__)
    parser.add_argument("--listeners", type=int, default=10_000)
    parser.add_argument("--kind", choices=(*KINDS, "all", "none"), default="all")
    parser.add_argument("--events", type=int, default=5, help="that are measured")
    parser.add_argument("--beside", choices=("node",))
    parser.add_argument("--port", type=int, default=18_080)
    arguments = parser.parse_args()
    kinds = {"all": list(KINDS), "none": []}.get(arguments.kind, [arguments.kind])
    with tempfile.TemporaryDirectory(prefix="sonograph-fanout-") as name:
        os.chmod(name, 0o755)  # noqa: PTH101, S103  # run as root, the database is another user
        rows = await ours(kinds, arguments, Path(name)) if kinds else []
    if arguments.beside:
        rows.append(await node(arguments))
    heads = ["", "µs CPU a listener and event", "most", "KiB a connection", "after events", "first ms", "last ms"]
    print(f"{arguments.listeners} listeners, median of {arguments.events} events\n")
    print(table([*heads, "latest", "µs CPU to connect"], rows))


if __name__ == "__main__":
    asyncio.run(main())
