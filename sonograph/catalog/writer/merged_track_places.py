"""Tracks of several sources on and off their releases and editions."""

from collections.abc import Collection, Iterable
from typing import Any

import asyncpg

from sonograph.catalog.vocabulary import EntityKind, MergeReason
from sonograph.catalog.writer.merged import Cluster, survivor
from sonograph.catalog.writer.merged_places import Place, least_places
from sonograph.catalog.writer.merged_track_bodies import TrackBody, TrackMember
from sonograph.catalog.writer.rows import copy


class Placing:
    """What is there now for the releases of members, and whether the numbers of a release are those that are shown."""

    def __init__(self, lines: Iterable[tuple[int, int, int]]) -> None:
        self._merged = {member: (row, reason == MergeReason.LEADER) for member, row, reason in lines}

    @classmethod
    async def of(cls, connection: asyncpg.Connection, members: Iterable[TrackMember]) -> "Placing":
        releases = {place[0] for member in members for place in member.body.releases}
        return cls(
            await connection.fetch(
                'select member, "row", reason from merged where kind = $1 and member = any($2)',
                EntityKind.RELEASE, list(releases),
            )
        )  # fmt: skip

    def release(self, place: Place) -> Place:
        row, numbered = self._merged.get(place[0], (place[0], True))
        return (row, place[1], place[2]) if numbered else (row, None, None)


async def unplace(
    connection: asyncpg.Connection, placing: Placing, members: Iterable[TrackMember], before: Collection[int]
) -> set[int]:
    """Take the tracks off releases and editions. Returns the releases."""
    listed = [(place[0], member.stands) for member in members for place in member.body.editions]
    await connection.execute(
        "delete from edition_track t using unnest($1::int[], $2::int[]) d(edition, track) "
        "where t.edition_id = d.edition and t.track_id = d.track",
        [edition for edition, _ in listed], [track for _, track in listed],
    )  # fmt: skip
    await connection.execute("delete from release_track where track_id = any($1)", list(before))
    return {placing.release(place)[0] for member in members for place in member.body.releases}


async def place_clusters(
    connection: asyncpg.Connection, placing: Placing, clusters: Iterable[Cluster[TrackBody]]
) -> None:
    releases, editions = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for cluster in clusters:
        row = survivor(cluster)
        releases += [
            (place[0], row, *place[1:])
            for place in least_places(placing.release(place) for member in cluster for place in member.body.releases)
        ]
        editions += [
            (place[0], row, *place[1:])
            for place in least_places(place for member in cluster for place in member.body.editions)
        ]
    await copy(connection, "release_track", releases)
    await copy(connection, "edition_track", editions)
