"""Sweep: what is kept for a while and then goes.

Rejects files of imports are for whoever ran them: after 30 days they go. Notes of finished imports go after 90 days;
those of unfinished ones stay, because an import goes on from them. Of accounts: sonograph/accounts/expiry.py; of
events: sonograph/events/retention.py.
"""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import asyncpg

from sonograph import clock
from sonograph.accounts.expiry import sweep_accounts
from sonograph.engine import Engine
from sonograph.events.retention import sweep_events
from sonograph.monitoring.lease_store import forget
from sonograph.monitoring.outage_store import forget_notes
from sonograph.monitoring.streams import stop_over_limit
from sonograph.postgres.migrate import CATALOGS
from sonograph.postgres.trouble import TROUBLE

EVERY_SECONDS = 3600.0
KEEP_REJECTS = timedelta(days=30)
KEEP_RUNS = timedelta(days=90)
KEEP_MONITORS = timedelta(days=1)  # after they were last seen
KEEP_OUTAGE_NOTES = timedelta(days=30)

_log = logging.getLogger(__name__)


async def run(engine: Engine, stop: asyncio.Event) -> None:
    """Sweep at once and then every hour, until told to stop. A failed sweep is logged, and the next one tries again."""
    while not stop.is_set():
        try:
            files = await asyncio.to_thread(sweep_rejects, engine.settings.data_dir / "rejects")
            runs = await sweep_runs(engine.dsn)
            rows = await sweep_accounts(engine.accounts) + await sweep_monitoring(engine.accounts)
            if stopped := await stop_over_limit(engine.accounts, clock.now()):
                _log.info("stopped %d streams that their accounts may not watch any more", stopped)
            events = await sweep_events(engine.accounts, clock.now(), engine.settings.event_hours)
        except TROUBLE as error:
            _log.warning("sweep failed: %s", error)
        else:
            if files or runs or rows or events:
                said = "swept %d rejects files, %d notes of imports, %d rows of accounts, %d events"
                _log.info(said, files, runs, rows, events)
        try:
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
        except TimeoutError:
            continue


def sweep_rejects(folder: Path) -> int:
    """Delete old rejects files; how many."""
    oldest = (clock.now() - KEEP_REJECTS).timestamp()
    old = [path for path in folder.glob("*.jsonl") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


async def sweep_monitoring(pool: asyncpg.Pool) -> int:
    """Delete monitors that have not been seen for long, and what was told of outages by mail; how many rows."""
    return await forget(pool, KEEP_MONITORS.total_seconds()) + await forget_notes(pool, KEEP_OUTAGE_NOTES.days)


async def sweep_runs(dsn: str) -> int:
    """Delete old notes of finished imports in both catalogs, but not which sandbox is loaded; how many."""
    deleted = 0
    connection = await asyncpg.connect(dsn)
    try:
        for catalog in CATALOGS:
            await connection.execute("select set_config('search_path', $1, false)", catalog)
            result = await connection.execute(
                "delete from import_run where finished_at < $1 and kind <> 'sandbox'", clock.now() - KEEP_RUNS
            )
            deleted += int(result.split()[-1])
    finally:
        await connection.close()
    return deleted
