"""Releases with their editions and tracks: what changed between the groups before and after a batch is written."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import asyncpg

from sonograph.catalog.codes import parse_gtin
from sonograph.catalog.dates import PartialDate, parse_date
from sonograph.catalog.names import title_key
from sonograph.catalog.records import EditionRecord, TrackRecord
from sonograph.catalog.vocabulary import DatePrecision, EditionFormat, EditionKind, EntityKind
from sonograph.catalog.writer.artists import count_releases
from sonograph.catalog.writer.consolidate import Consolidated, Placed, Recording
from sonograph.catalog.writer.groups import Regrouping
from sonograph.catalog.writer.intake import PLATFORMS
from sonograph.catalog.writer.merged import touch
from sonograph.catalog.writer.merged_again import dissolve_tracks
from sonograph.catalog.writer.outcome import Outcome
from sonograph.catalog.writer.popularity import Told, popularity_of
from sonograph.catalog.writer.rows import COLUMNS, copy, delete
from sonograph.catalog.writer.source_ids import MENTIONED, SourceId, SourceIds, redirect
from sonograph.catalog.writer.tracks import date_tracks, write_tracks


class Place(NamedTuple):
    """Where a track row stands on a release or edition."""

    track: int
    disc: int | None
    number: int | None


EditionKey = tuple[str, str]  # (source, its id)


@dataclass(slots=True)
class State:
    """What a release row holds, by track rows instead of recordings."""

    said: Consolidated
    rows: list[int | None]  # of the recordings; None: not known yet, or by its id only and without a row
    tracks: dict[int, TrackRecord] = field(init=False)
    places: list[Place] = field(init=False)
    editions: dict[EditionKey, tuple[EditionRecord, list[Place]]] = field(init=False)

    def __post_init__(self) -> None:
        pairs = zip(self.rows, self.said.recordings, strict=True)
        self.tracks = {row: recording.track for row, recording in pairs if row is not None and recording.track}
        self.places = self._by_rows(self.said.places)
        self.editions = {
            (listed.edition.source, listed.edition.id): (listed.edition, self._by_rows(listed.places))
            for listed in self.said.editions
        }

    def _by_rows(self, places: Iterable[Placed]) -> list[Place]:
        # Two ids may lead to one row (a redirect): it stands where it is listed first.
        first: dict[int, Place] = {}
        for placed in places:
            row = self.rows[placed.recording]
            if row is not None:
                first.setdefault(row, Place(row, placed.disc, placed.number))
        return list(first.values())


class ReleaseWriter:
    """Brings the rows of releases, editions and tracks from the groups before to the groups after."""

    def __init__(
        self, connection: asyncpg.Connection, origin: int, ids: SourceIds, outcome: Outcome, regrouping: Regrouping
    ) -> None:
        self._connection = connection
        self._origin = origin
        self._ids = ids
        self._outcome = outcome
        self._regrouping = regrouping
        self._before: dict[int, State] = {}
        self._after: dict[int, State] = {}
        self._replaced: set[int] = set()

    async def write(self) -> None:
        await self._compare()
        gone = self._before.keys() - self._after.keys()
        new = await self._write_tracks()
        await self._write_editions()
        changed = [row for row, now in self._after.items() if self._places_before(row) != now.places]
        await delete(self._connection, "release_track", [*(row for row in changed if row in self._before), *gone])
        await copy(
            self._connection, "release_track", [(row, *place) for row in changed for place in self._after[row].places]
        )
        await self._write_releases(gone)
        await redirect(
            self._connection,
            EntityKind.RELEASE,
            [(row, to) for row in sorted(gone) if (to := self._regrouping.replacement(row))],
        )
        await self._drop_orphans()
        states = (*self._before.values(), *self._after.values())
        await touch(self._connection, {place.track for state in states for place in state.places} - new)
        await date_tracks(self._connection, sorted(self._tracks_to_date() - new))

    async def _compare(self) -> None:
        said_before = {row: said for row, g in self._regrouping.before.items() if (said := g.consolidated())}
        said_after = {row: said for row, g in self._regrouping.after.items() if (said := g.consolidated())}
        everything = [*said_before.values(), *said_after.values()]
        await self._ids.load(
            EntityKind.TRACK, (source_id for said in everything for r in said.recordings for source_id in r.ids)
        )
        parted = await dissolve_tracks(self._connection, self._ids.rows(EntityKind.TRACK))
        await self._ids.reload(EntityKind.TRACK, parted)
        credited = (credit for said in everything for r in said.recordings if r.track for credit in r.track.artists)
        await self._ids.load(
            EntityKind.ARTIST, (*(said.artist.id for said in everything), *(credit.artist.id for credit in credited))
        )
        await self._ids.load(EntityKind.LABEL, (said.label.id for said in everything if said.label))
        await self._ids.load(
            EntityKind.WORK,
            (work for said in everything for r in said.recordings if r.track for work in r.track.works),
        )
        self._before = {
            row: State(said, [self._known_row(recording) for recording in said.recordings])
            for row, said in said_before.items()
        }
        self._part_moved(said_before, said_after)
        assigned = {row: self._assign(said) for row, said in said_after.items()}
        # Tracks that a release knows by id only may be described by one that comes after it here.
        self._after = {
            row: State(
                said,
                [
                    self._known_row(recording) if recording.track is None else found
                    for recording, found in zip(said.recordings, assigned[row], strict=True)
                ],
            )
            for row, said in said_after.items()
        }

    def _known_row(self, recording: Recording) -> int | None:
        return next(
            (known.row for source_id in recording.ids if (known := self._ids.get(EntityKind.TRACK, source_id))), None
        )

    def _part_moved(self, before: dict[int, Consolidated], after: dict[int, Consolidated]) -> None:
        """Tracks that leave a group, where they were one recording with others that stay, become rows of their own."""
        for row in {source for _, source, _ in self._regrouping.moved}:
            staying = {source_id for r in after[row].recordings for source_id in r.ids} if row in after else set[str]()
            for recording in before[row].recordings if row in before else ():
                leaving = [source_id for source_id in recording.ids if source_id not in staying]
                if 0 < len(leaving) < len(recording.ids):
                    for source_id in leaving:
                        if (known := self._ids.get(EntityKind.TRACK, source_id)) and known.digest == MENTIONED:
                            self._ids.drop(EntityKind.TRACK, source_id)

    def _assign(self, said: Consolidated) -> list[int | None]:
        """Track rows of the recordings: the first row that any of its ids has and no other recording took, or new.

        None for those that are known by their id only.
        """
        taken: set[int] = set()
        rows: list[int | None] = []
        for recording in said.recordings:
            if recording.track is None:
                rows.append(None)
                continue
            known = [self._ids.get(EntityKind.TRACK, source_id) for source_id in recording.ids]
            row = next((k.row for k in known if k and k.row not in taken), None)
            if row is None:
                row = self._ids.new_row(EntityKind.TRACK)
                self._outcome.rows["track"] += 1
            rows.append(row)
            taken.add(row)
            for source_id, before in zip(recording.ids, known, strict=True):
                if before is None or before.row != row:
                    self._ids.put(EntityKind.TRACK, source_id, row, before.digest if before else MENTIONED)
        return rows

    async def _write_tracks(self) -> set[int]:
        """Rows of tracks that are described inside of releases only; one with a record of its own is left to that.

        Returns the rows that did not exist before: their dates are right, as no other release can hold them.
        """
        before = {row: track for state in self._before.values() for row, track in state.tracks.items()}
        tracks = dict[int, TrackRecord]()
        released = dict[int, date]()
        for state in self._after.values():
            for row, recording in zip(state.rows, state.said.recordings, strict=True):
                if row is None:
                    continue
                if state.said.date:
                    released[row] = min(released.get(row, date.max), state.said.date.date)
                if recording.track is None:
                    continue
                own = any(k and k.digest != MENTIONED for k in map(self._track_id, recording.ids))
                if not own and before.get(row) != recording.track:
                    tracks[row] = recording.track
        rows = await self._connection.fetch("select id from track where id = any($1)", list(tracks))
        self._replaced = {row["id"] for row in rows}
        await write_tracks(self._connection, self._origin, self._ids, tracks, released, replaced=self._replaced)
        return tracks.keys() - self._replaced

    def _track_id(self, source_id: str) -> SourceId | None:
        return self._ids.get(EntityKind.TRACK, source_id)

    def _tracks_to_date(self) -> set[int]:
        """Tracks that existed before and stand on a release whose date or tracks changed, or that were on another."""
        tracks = set(self._replaced)
        for row in self._before.keys() | self._after.keys():
            before, after = self._before.get(row), self._after.get(row)
            held = {place.track for state in (before, after) if state for place in state.places}
            if not before or not after or before.said.date != after.said.date or before.places != after.places:
                tracks |= held
        return tracks

    def _places_before(self, row: int) -> list[Place] | None:
        return self._before[row].places if row in self._before else None

    async def _write_releases(self, gone: Collection[int]) -> None:
        touched = [*self._after, *gone]
        rows_before = {row["id"]: tuple(row) for row in await self._connection.fetch(_READ_RELEASES, touched)}
        told: dict[int, Told] = {
            row: (values[_POPULARITY], values[_POPULARITY_ORIGIN]) for row, values in rows_before.items()
        }
        rows = {row: self._release_row(row, state, told.get(row)) for row, state in self._after.items()}
        changed = {row: values for row, values in rows.items() if rows_before.get(row) != values}
        await delete(self._connection, "release", [*(row for row in changed if row in rows_before), *gone])
        await copy(self._connection, "release", list(changed.values()))
        self._outcome.rows["release"] += sum(row not in rows_before for row in changed)
        artists, labels = Counter[int](), Counter[int]()
        for sign, counted in ((-1, rows_before), (1, rows)):
            for values in counted.values():
                artists[values[1]] += sign
                if values[2] is not None:
                    labels[values[2]] += sign
        await count_releases(self._connection, iter(sorted(artists.items())), iter(sorted(labels.items())))
        # A row may come back after its records had moved away: its id is its own again.
        await self._connection.execute(
            "delete from redirect where kind = $1 and old_id = any($2)", EntityKind.RELEASE, list(rows)
        )

    def _release_row(self, row: int, state: State, told: Told | None) -> tuple[Any, ...]:
        said = state.said
        popularity, popularity_origin = popularity_of(said.popularity, self._origin, told)
        return (
            row,
            self._ids.row(EntityKind.ARTIST, said.artist.id),
            self._ids.row(EntityKind.LABEL, said.label.id) if said.label else None,
            said.date.date if said.date else None,
            popularity,
            len(state.places),
            self._origin,
            precision(said.date),
            said.title,
            title_key(said.title),
            said.catalog_no,
            popularity_origin,
        )

    async def _write_editions(self) -> None:
        before = {key: held for state in self._before.values() for key, held in state.editions.items()}
        owners_before = {key: row for row, state in self._before.items() for key in state.editions}
        now = {key: (row, *held) for row, state in self._after.items() for key, held in state.editions.items()}
        changed = [
            key for key, (row, *held) in now.items() if before.get(key) != tuple(held) or owners_before[key] != row
        ]
        gone = [key for key in before if key not in now]
        keys = [*changed, *gone]
        if not keys:
            return
        known = {
            (row["source"], row["external_id"]): (row["id"], row["origin_id"])
            for row in await self._connection.fetch(
                _READ_EDITIONS,
                [PLATFORMS[source] for source, _ in keys],
                [source_id for _, source_id in keys],
            )
        }
        rows, places, replaced = list[tuple[Any, ...]](), list[tuple[int, int, int | None, int | None]](), list[int]()
        for key in gone:
            if found := known.get((PLATFORMS[key[0]], key[1])):
                replaced.append(found[0])
        for key in changed:
            release, edition, held = now[key]
            found = known.get((PLATFORMS[key[0]], key[1]))
            if found and found[1] != self._origin:
                self._outcome.notes["editions left out: another origin lists them"] += 1
                continue
            if found:
                replaced.append(found[0])
                source_id = found[0]
            else:
                source_id = self._ids.new_row(EntityKind.EDITION)
                self._outcome.rows["edition"] += 1
            rows.append(self._edition_row(source_id, release, edition))
            places += [(source_id, *place) for place in held]
        await delete(self._connection, "edition", replaced)
        await copy(self._connection, "edition", rows)
        await copy(self._connection, "edition_track", places)

    def _edition_row(self, source_id: int, release: int, edition: EditionRecord) -> tuple[Any, ...]:
        released = parse_date(edition.release_date)
        barcode = parse_gtin(edition.barcode) if edition.barcode else None
        digits = "".join(c for c in edition.barcode or "" if c.isascii() and c.isdecimal())
        return (
            source_id,
            release,
            released.date if released else None,
            edition.medium_count,
            edition.track_count,
            PLATFORMS[edition.source],
            EditionKind[edition.kind.upper()] if edition.kind else None,
            EditionFormat[edition.format.upper()] if edition.format else None,
            precision(released),
            self._origin,
            edition.official,
            edition.id,
            edition.group_id,
            edition.title,
            barcode.text if barcode and barcode.valid else None,
            digits or None if not (barcode and barcode.valid) else None,
            edition.country,
            edition.label,
            edition.catalog_no,
        )

    async def _drop_orphans(self) -> None:
        """Delete tracks that no release holds any more and that have no record of their own."""
        held = {row for state in self._after.values() for row in state.rows}
        ids_of: dict[int, list[str]] = {}
        for state in self._before.values():
            for row, recording in zip(state.rows, state.said.recordings, strict=True):
                if row is not None and row not in held:
                    ids_of.setdefault(row, []).extend(recording.ids)
        if not ids_of:
            return
        kept = {
            row["track_id"]
            for row in await self._connection.fetch(
                "select distinct track_id from release_track where track_id = any($1)", list(ids_of)
            )
        }
        lost, moves = list[int](), list[tuple[int, int]]()
        for row, ids in sorted(ids_of.items()):
            known = {source_id: now for source_id in ids if (now := self._ids.get(EntityKind.TRACK, source_id))}
            if row in kept or any(now.row == row and now.digest != MENTIONED for now in known.values()):
                continue
            lost.append(row)
            if others := [now.row for now in known.values() if now.row != row]:
                moves.append((row, min(others)))
            for source_id, now in known.items():
                if now.row == row:
                    self._ids.drop(EntityKind.TRACK, source_id)
        await delete(self._connection, "track", lost)
        await redirect(self._connection, EntityKind.TRACK, moves)


_READ_EDITIONS = """
select e.id, e.source, e.external_id, e.origin_id from unnest($1::smallint[], $2::text[]) w(source, id)
cross join lateral (select * from edition where external_id = w.id and source = w.source offset 0) e
"""
_READ_RELEASES = f"select {', '.join(COLUMNS['release'])} from release where id = any($1)"  # noqa: S608 - our columns

_POPULARITY, _POPULARITY_ORIGIN = map(COLUMNS["release"].index, ("popularity", "popularity_origin"))


def precision(found: PartialDate | None) -> int | None:
    return DatePrecision[found.precision.upper()] if found else None
