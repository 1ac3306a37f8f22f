"""How long events are kept: SONOGRAPH_EVENT_HOURS, and of each account at least the newest 10,000."""

from datetime import datetime, timedelta

import asyncpg

from sonograph.events import store

KEEP_NEWEST = 10_000  # of an account's test streams, and of its others
BATCH = 5_000  # rows in a statement, so that none holds locks for long


async def sweep_events(pool: asyncpg.Pool, now: datetime, hours: int) -> int:
    """Delete events that are older than so many hours and not among the newest; how many.

    Up to where it was swept is noted with it: whoever resumes from before is told so.
    """
    before, deleted = now - timedelta(hours=hours), 0
    for account_id, test in await store.feeds(pool):
        oldest_kept = await store.nth_newest(pool, account_id, test=test, place=KEEP_NEWEST)
        if oldest_kept is None:
            continue
        count = BATCH
        while count == BATCH:
            count = await store.delete_old(pool, account_id, oldest_kept, before, BATCH, test=test)
            deleted += count
    return deleted
