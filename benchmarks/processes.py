"""CPU time of processes, as the kernel counts it: what remains comparable while others use the machine."""

import os
from collections.abc import Iterable
from pathlib import Path

import asyncpg

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of living processes of this machine, in seconds; 0 for one that ended."""
    return sum(map(_of_process, pids))


def _of_process(pid: int) -> float:
    try:
        # Nanoseconds on a CPU, of each thread; exact for a thread that sleeps, as an idle server does.
        threads = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
        if threads:
            return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9
        # Kernels without scheduler statistics count in steps of 10 ms: compare over hundreds of requests.
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0.0
    user, system = stat.rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / _TICKS


async def backends(connection: asyncpg.Connection, application_name: str) -> list[int]:
    """Process ids of the database's servants of one application; they must be on this machine to be measured."""
    rows = await connection.fetch("select pid from pg_stat_activity where application_name = $1", application_name)
    return [row["pid"] for row in rows]
