"""A pass of merging over a catalog: artists and labels, works, tracks, releases."""

from collections.abc import Callable
from time import monotonic

import asyncpg

from sonograph.catalog.merging.named import merge_named, merge_releases
from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.merging.tracks import merge_tracks
from sonograph.catalog.merging.works import merge_works
from sonograph.catalog.vocabulary import EntityKind
from sonograph.clock import Clock, now

Tell = Callable[[str, int, int], None]


async def merge(
    connection: asyncpg.Connection,
    report: MergeReport,
    *,
    tell: Tell = lambda _what, _done, _all: None,
    clock: Clock = now,
) -> MergeReport:
    """Merge what the imports since the last pass brought. The connection holds the import lock of its schema.

    A dry run does all of it and takes it back: it needs the time and the room of a real one.
    """
    started = monotonic()
    if report.dry_run:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await _merge(connection, report, tell, clock)
        finally:
            await transaction.rollback()
    else:
        await _merge(connection, report, tell, clock)
    report.seconds = monotonic() - started
    return report


async def _merge(connection: asyncpg.Connection, report: MergeReport, tell: Tell, clock: Clock) -> None:
    at = clock()
    await merge_named(connection, EntityKind.ARTIST, report, at, tell)
    await merge_named(connection, EntityKind.LABEL, report, at, tell)
    await merge_works(connection, report, at, tell)
    await merge_tracks(connection, report, at, tell)
    await merge_releases(connection, report, at, tell)
