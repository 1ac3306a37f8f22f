"""Whether anything has changed about streams that somebody looks at: cheap to ask, again and again."""

from collections.abc import Collection

import asyncpg

from sonograph import clock
from sonograph.errors import Unavailable
from sonograph.monitoring import play_history_store, stream_mark_store
from sonograph.monitoring.play_history import STILL_HEARD
from sonograph.postgres.trouble import TROUBLE

Mark = tuple[object, ...]


async def marks_of(pool: asyncpg.Pool, numbers: Collection[int]) -> dict[int, Mark]:
    """For each stream a value that changes with its status, its settings and what is on air. Raises `Unavailable`."""
    now = clock.now()
    try:
        return await stream_mark_store.fetch_marks(
            pool, list(numbers), now - STILL_HEARD, now - play_history_store.LONGEST
        )
    except TROUBLE as error:
        raise Unavailable("The database does not answer.") from error
