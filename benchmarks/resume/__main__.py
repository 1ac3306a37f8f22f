"""`python -m benchmarks.resume --disconnects 1000`: a service of its own, each client through so many cuts."""

import asyncio
import tempfile
from pathlib import Path
from time import process_time
from typing import Annotated

import asyncpg
import typer

from benchmarks.resume.clients import CLIENTS
from benchmarks.resume.measure import Listening, measure
from sonograph.accounts.store import create_key
from sonograph.postgres.embedded import EmbeddedPostgres
from tests.service import Service

Clients = Annotated[list[str] | None, typer.Option("--client", help="One of the clients; all of them by default.")]


def main(disconnects: int = 1000, seed: int = 1, client: Clients = None) -> None:
    """Cut each client's connections so many times; the exit status is 1 where an event was lost or came twice."""
    with tempfile.TemporaryDirectory(prefix="sonograph-resume-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        plans = folder / "plans.toml"
        plans.write_text("[plans.scale]\nburst = 100_000\n", encoding="utf-8")
        with EmbeddedPostgres(folder / "postgres") as server:
            service = Service(folder / "service", database_url=server.dsn, plans_file=str(plans))
            try:
                service.wait_until_ready()
                right = asyncio.run(_run(service, server.dsn, client or list(CLIENTS), disconnects, seed))
            finally:
                service.kill()
    raise typer.Exit(0 if right else 1)


async def _run(service: Service, dsn: str, names: list[str], disconnects: int, seed: int) -> bool:
    right = True
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        for name in names:
            key = await create_key(dsn, f"{name}@resume.invalid", "scale", test=True)
            account = await pool.fetchval("select account_id from accounts.api_key order by id desc limit 1")
            cpu, own = service.cpu_ms(), process_time()
            outcome = await measure(CLIENTS[name], Listening(service.port, pool, account, key), disconnects, seed)
            right = right and outcome.is_right
            print(
                f"{name}: {outcome.cuts} disconnects, {outcome.opens} connections, {outcome.told} events, "
                f"{len(outcome.lost)} lost, {len(outcome.doubled)} doubled, "
                f"{'in order' if outcome.in_order else 'OUT OF ORDER'}; "
                f"CPU of the service {(service.cpu_ms() - cpu) / 1000:.1f} s, of this {process_time() - own:.1f} s"
            )
    return right


if __name__ == "__main__":
    typer.run(main)
