"""Which rows of the sandbox the station's songs are."""

from collections.abc import Mapping

import asyncpg

from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.monitoring.station.schedule import track_keys


async def track_ids(sandbox: asyncpg.Pool | asyncpg.Connection) -> Mapping[str, int]:
    """Track ids in the sandbox by the keys of the schedule; what the sandbox does not have is left out.

    Ids are given anew when the sandbox is filled anew, which happens at the start of a service alone.
    """
    rows = await sandbox.fetch(
        "select external_id, entity_id from source_ref where kind = $1 and origin_id = $2 "
        "and external_id = any($3::text[])",
        EntityKind.TRACK.value,
        OriginId.SANDBOX.value,
        list(track_keys()),
    )
    return {row["external_id"]: row["entity_id"] for row in rows}
