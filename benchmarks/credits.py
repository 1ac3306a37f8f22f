"""Credits under load: many clients in several processes, one of them killed, against one quota.

    python -m benchmarks.credits --url postgresql://… --clients 64 --requests 100000 --quota 60000 --kill

Prints what was granted (each process counts in a file of its own, which outlives it), counter, ledger and log.
The database is migrated, and gets an account of its own, which is deleted at the end.
"""

import argparse
import asyncio
import mmap
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import monotonic, sleep

import asyncpg

from sonograph.accounts.credits import Credits
from sonograph.accounts.plans import Plan, PlanTable
from sonograph.accounts.principal import Principal
from sonograph.accounts.upkeep import sweep
from sonograph.errors import QuotaExceeded
from sonograph.postgres.migrate import ACCOUNTS, migrate

LEASE_SECONDS = 3.0
COUNTS = struct.Struct("qq")  # granted, refused

BOOKS = """select
  coalesce((select sum(used) from credit_month where account_id = $1), 0)::int as counter,
  coalesce((select sum(amount) from credit_entry where account_id = $1), 0)::int as ledger,
  coalesce((select sum(credits) from usage_day where account_id = $1), 0)::int as log,
  coalesce((select sum(credits) from usage_day where account_id = $1 and endpoint = 'lost'), 0)::int as lost,
  coalesce((select sum(amount) from credit_lease where account_id = $1), 0)::int as leased"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    quota: int
    granted: int
    refused: int
    counter: int
    ledger: int
    log: int
    lost: int
    leased: int
    cpu_us: float  # of Python, a request

    @property
    def over_granted(self) -> int:
        return max(self.granted - self.quota, 0)


def connections(url: str) -> asyncpg.Pool:
    return asyncpg.create_pool(url, min_size=1, max_size=8, server_settings={"search_path": ACCOUNTS, "jit": "off"})


async def work(  # noqa: PLR0913, PLR0917  # options of the command
    url: str, account: int, key: int, quota: int, clients: int, requests: int, counts: Path
) -> None:
    """One process: its clients ask one after the other, as fast as they are answered."""
    plans = PlanTable((Plan("free", quota, burst=1, paid=False, operation_cost=1, max_keys=1),))
    who = Principal(account, key, "free", test=False, email_verified=True)
    tally = [0, 0]
    left = requests
    with counts.open("r+b") as file, mmap.mmap(file.fileno(), COUNTS.size) as told:

        async def client(counted: Credits) -> None:
            nonlocal left
            while left > 0:
                left -= 1
                try:
                    charge = await counted.take(who, 1)
                except QuotaExceeded:
                    tally[1] += 1
                    counted.keep(who, "GET /v1/genres", refused=True)
                else:
                    tally[0] += 1
                    told[:] = COUNTS.pack(*tally)
                    counted.keep(who, "GET /v1/genres", charge)
                if left % 50 == 0:
                    await asyncio.sleep(0)
            told[:] = COUNTS.pack(*tally)

        async with connections(url) as pool, Credits(pool, plans, lease_seconds=LEASE_SECONDS) as counted:
            await asyncio.gather(*(client(counted) for _ in range(clients)))


async def make_account(pool: asyncpg.Pool) -> tuple[int, int]:
    account = await pool.fetchval(
        "insert into account (email, plan, email_verified_at, created_at) "
        "values (gen_random_uuid()::text || '@credits.invalid', 'free', now(), now()) returning id"
    )
    key = await pool.fetchval(
        "insert into api_key (account_id, hash, hint, test, name, created_at) "
        "values ($1, sha256(gen_random_uuid()::text::bytea), '', false, '', now()) returning id",
        account,
    )
    return account, key


def run_processes(command: Sequence[str], folder: Path, processes: int, *, kill: bool) -> tuple[int, int]:
    """Granted and refused, of all; the first process is killed when it has granted some."""
    files = [folder / f"counts_{number}" for number in range(processes)]
    for file in files:
        file.write_bytes(bytes(COUNTS.size))
    running = [subprocess.Popen([*command, "--counts", str(file)]) for file in files]
    if kill:
        began = monotonic()
        while COUNTS.unpack(files[0].read_bytes())[0] < 200 and monotonic() - began < 30:
            sleep(0.002)
        running[0].kill()
    for number, process in enumerate(running):
        code = process.wait(300)
        if code and not (kill and number == 0):
            raise RuntimeError(f"a process ended with {code}")
    counts = [COUNTS.unpack(file.read_bytes()) for file in files]
    return sum(c[0] for c in counts), sum(c[1] for c in counts)


async def measure(  # noqa: PLR0913  # options of the command
    url: str, *, quota: int, clients: int, requests: int, processes: int, kill: bool
) -> Outcome:
    """Run it, count leases of the dead as lost, and read the books."""
    async with connections(url) as pool:
        account, key = await make_account(pool)
        command = [sys.executable, "-m", "benchmarks.credits", "--url", url, "--work", str(account), str(key)]
        command += ["--quota", str(quota), "--clients", str(clients // processes)]
        command += ["--requests", str(requests // processes)]
        try:
            before = getrusage(RUSAGE_CHILDREN)
            with tempfile.TemporaryDirectory() as folder:
                granted, refused = await asyncio.to_thread(run_processes, command, Path(folder), processes, kill=kill)
            after = getrusage(RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            if kill:
                await asyncio.sleep(LEASE_SECONDS)
            await sweep(pool, datetime.now(UTC))
            books = dict(await pool.fetchrow(BOOKS, account))
        finally:
            await pool.execute("delete from account where id = $1", account)
    return Outcome(quota, granted, refused, **books, cpu_us=cpu / (granted + refused) * 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--quota", type=int, default=60_000)
    parser.add_argument("--kill", action="store_true", help="kill -9 one of the processes in the middle")
    parser.add_argument("--work", nargs=2, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--counts", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        account, key = given.work
        asyncio.run(work(given.url, account, key, given.quota, given.clients, given.requests, given.counts))
        return
    asyncio.run(migrate(given.url))
    outcome = asyncio.run(
        measure(
            given.url,
            quota=given.quota,
            clients=given.clients,
            requests=given.requests,
            processes=given.processes,
            kill=given.kill,
        )
    )
    print(outcome)
    print(f"over-granted {outcome.over_granted}")


if __name__ == "__main__":
    main()
