"""Batches of records into the catalog: one transaction each, set-based, the same whatever the size of the batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice
from typing import TypeVar, cast

import asyncpg
from msgspec import structs

from sonograph.catalog.dates import parse_date
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    EditionRecord,
    GroupRecord,
    LabelRecord,
    Place,
    RedirectRecord,
    Ref,
    ReleaseRecord,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.accepted_genres import hold_genres
from sonograph.catalog.writer.artists import write_artists, write_labels
from sonograph.catalog.writer.groups import regroup
from sonograph.catalog.writer.intake import (
    Entry,
    Prepared,
    check,
    clean_artist,
    clean_group,
    clean_release,
    clean_track,
    clean_work,
    prepare,
    type_of,
)
from sonograph.catalog.writer.merged import source_of
from sonograph.catalog.writer.merged_again import dissolve_tracks, rekey
from sonograph.catalog.writer.merged_names import write_members
from sonograph.catalog.writer.merged_works import part_works
from sonograph.catalog.writer.outcome import Outcome, Verdict
from sonograph.catalog.writer.redirects import write_redirects
from sonograph.catalog.writer.releases import ReleaseWriter
from sonograph.catalog.writer.same_as import write_same_as
from sonograph.catalog.writer.source_ids import MENTIONED, MERGED, SourceIds
from sonograph.catalog.writer.track_keys import take_foreseen
from sonograph.catalog.writer.tracks import date_tracks, write_tracks
from sonograph.catalog.writer.works import write_works

KINDS: dict[type[AnyRecord], EntityKind] = {
    ArtistRecord: EntityKind.ARTIST,
    LabelRecord: EntityKind.LABEL,
    WorkRecord: EntityKind.WORK,
    TrackRecord: EntityKind.TRACK,
    ReleaseRecord: EntityKind.RELEASE,
    GroupRecord: EntityKind.RELEASE_GROUP,
}
BATCH_SIZE = 1000
R = TypeVar("R", bound=AnyRecord)


async def write_records(
    connection: asyncpg.Connection, origin: int, records: Iterable[AnyRecord], batch_size: int = BATCH_SIZE
) -> Outcome:
    """Bring the catalog of the connection's search_path to say what these records of one origin say."""
    total, done = Outcome(), 0
    left = iter(records)
    while batch := list(islice(left, batch_size)):
        async with connection.transaction():
            total.add(await write_batch(connection, origin, batch), done)
        done += len(batch)
    return total


async def write_batch(
    connection: asyncpg.Connection, origin: int, records: Sequence[AnyRecord], genre_origin: int | None = None
) -> Outcome:
    """The same for one batch, inside of the caller's transaction: see `write_prepared`."""
    return await write_prepared(connection, origin, list(map(prepare, records)), genre_origin)


async def write_prepared(
    connection: asyncpg.Connection, origin: int, records: Sequence[Prepared], genre_origin: int | None = None
) -> Outcome:
    """Write a batch of records, inside of the caller's transaction.

    Track records with genres get rows of `genre_origin`, where their genres are under another licence than the rest.
    Waits for other writers of the same schema: they work on counts and on ids that both would give.
    """
    await connection.execute("select pg_advisory_xact_lock(hashtext('sonograph import ' || current_schema()))")
    await hold_genres(connection)
    outcome = Outcome()
    take_foreseen(keys for prepared in records for keys in prepared.foreseen)
    entries = [entry for n, prepared in enumerate(records) if (entry := check(n, prepared, outcome))]
    for part in _parts(entries, outcome):
        batch = _Batch(connection, origin, genre_origin, await SourceIds.open(connection, origin), outcome)
        await batch.write(part)
        await batch.ids.save()
    return outcome


def _parts(entries: Sequence[Entry[AnyRecord]], outcome: Outcome) -> Iterator[list[Entry[AnyRecord]]]:
    """Runs in which each id stands once and redirects stand alone: within one, the order does not matter.

    A record that is said again in the same words is left out: a recording stands on each of its releases.
    """
    for _, run in groupby(entries, key=lambda entry: isinstance(entry.record, RedirectRecord)):
        part: list[Entry[AnyRecord]] = []
        seen: dict[tuple[type[AnyRecord], str], int] = {}
        for entry in run:
            key = type(entry.record), entry.record.id
            if key in seen:
                # A release may know tracks the second time that it did not know the first time.
                if seen[key] == entry.digest and not isinstance(entry.record, ReleaseRecord | RedirectRecord):
                    outcome.count(type_of(entry.record), "unchanged")
                    continue
                yield part
                part, seen = [], {}
            part.append(entry)
            seen[key] = entry.digest
        yield part


class _Batch:
    """Records of which each id stands once."""

    def __init__(
        self, connection: asyncpg.Connection, origin: int, genre_origin: int | None, ids: SourceIds, outcome: Outcome
    ) -> None:
        self.ids = ids
        self._connection = connection
        self._origin = origin
        self._genre_origin = genre_origin
        self._outcome = outcome

    async def write(self, entries: Sequence[Entry[AnyRecord]]) -> None:
        if isinstance(entries[0].record, RedirectRecord):
            redirects = cast("Sequence[Entry[RedirectRecord]]", entries)
            await write_redirects(self._connection, self._origin, self.ids, self._outcome, redirects)
            return
        changed = await self._changed(entries)
        if not changed:
            return
        await self._part(_only(changed, TrackRecord))
        await write_same_as(self._connection, self._origin, [entry.record for entry in changed])
        changed = await self._known_artists_and_labels(changed)
        changed = await self._known_tracks(changed)
        await self._write_artists(_only(changed, ArtistRecord))
        await self._write_labels(_only(changed, LabelRecord))
        await self._write_works(changed)
        await self._write_tracks(_only(changed, TrackRecord), _only(changed, ReleaseRecord))
        releases = list[Entry[ReleaseRecord | GroupRecord]]()
        for entry in changed:
            if isinstance(entry.record, ReleaseRecord | GroupRecord):
                self._outcome.count(type_of(entry.record), self._verdict(entry))
                releases.append(Entry(entry.index, self._cleaned(entry), entry.digest))
        if releases:
            regrouping = await regroup(self._connection, self.ids, releases)
            await ReleaseWriter(self._connection, self._origin, self.ids, self._outcome, regrouping).write()

    async def _part(self, tracks: Sequence[Entry[TrackRecord]]) -> None:
        """Tracks that other sources were merged with stand alone while they are written: the next pass merges anew."""
        known = (self.ids.get(EntityKind.TRACK, entry.record.id) for entry in tracks)
        parted = await dissolve_tracks(self._connection, {found.row for found in known if found})
        await self.ids.reload(EntityKind.TRACK, parted)

    def _cleaned(self, entry: Entry[AnyRecord]) -> ReleaseRecord | GroupRecord:
        if isinstance(entry.record, ReleaseRecord):
            return clean_release(cast("Entry[ReleaseRecord]", entry), self._outcome)
        return clean_group(cast("Entry[GroupRecord]", entry), self._outcome)

    async def _changed(self, entries: Sequence[Entry[AnyRecord]]) -> list[Entry[AnyRecord]]:
        ids: dict[type[AnyRecord], list[str]] = {}
        for entry in entries:
            ids.setdefault(type(entry.record), []).append(entry.record.id)
        for type_, wanted in ids.items():
            await self.ids.load(KINDS[type_], wanted)
        changed = []
        for entry in entries:
            known = self.ids.get(KINDS[type(entry.record)], entry.record.id)
            if known and known.digest in (entry.digest, MERGED):
                self._outcome.count(type_of(entry.record), "unchanged")
            else:
                changed.append(entry)
        return changed

    def _verdict(self, entry: Entry[AnyRecord]) -> Verdict:
        known = self.ids.get(KINDS[type(entry.record)], entry.record.id)
        # A release that speaks of unknown tracks has no digest either, but a row.
        return (
            "updated" if known and (known.digest != MENTIONED or isinstance(entry.record, ReleaseRecord)) else "created"
        )

    async def _known_artists_and_labels(self, entries: list[Entry[AnyRecord]]) -> list[Entry[AnyRecord]]:
        """Leave out records that speak of an artist or label which nobody has named, and make rows for new names.

        In order: what comes later in the batch is not known yet, so that the result does not depend on its size.
        """
        spoken_of = {
            EntityKind.ARTIST: [list(_artists(entry.record)) for entry in entries],
            EntityKind.LABEL: [list(_labels(entry.record)) for entry in entries],
        }
        without_row = {kind: await self._without_row(kind, each) for kind, each in spoken_of.items()}
        if not any(without_row.values()):
            return entries
        described = {
            kind: {entry.record.id for entry in entries if isinstance(entry.record, type_)}
            for kind, type_ in ((EntityKind.ARTIST, ArtistRecord), (EntityKind.LABEL, LabelRecord))
        }
        names: dict[EntityKind, dict[str, str]] = {EntityKind.ARTIST: {}, EntityKind.LABEL: {}}
        kept: list[Entry[AnyRecord]] = []
        for number, entry in enumerate(entries):
            record = entry.record
            if isinstance(record, ArtistRecord | LabelRecord):
                names[KINDS[type(record)]][record.id] = record.name
                kept.append(entry)
                continue
            new: dict[tuple[EntityKind, str], str | None] = {}
            for kind, each in spoken_of.items():
                for ref in each[number]:
                    if ref.id in without_row[kind] and ref.id not in names[kind]:
                        new[kind, ref.id] = new.get((kind, ref.id)) or ref.name
            unknown = next((key for key, name in new.items() if not name), None)
            if unknown:
                reason = f"unknown {unknown[0].name.lower()} without a name"
                self._outcome.reject(entry.index, type_of(record), reason, unknown[1])
                continue
            for (kind, source_id), name in new.items():
                if name:
                    names[kind][source_id] = name
            kept.append(entry)
        await self._write_mentioned(EntityKind.ARTIST, names, described)
        await self._write_mentioned(EntityKind.LABEL, names, described)
        return kept

    async def _without_row(self, kind: EntityKind, spoken_of: Iterable[Sequence[Ref]]) -> set[str]:
        found = {ref.id for refs in spoken_of for ref in refs}
        await self.ids.load(kind, found)
        return {source_id for source_id in found if self.ids.get(kind, source_id) is None}

    async def _write_mentioned(
        self, kind: EntityKind, names: dict[EntityKind, dict[str, str]], described: dict[EntityKind, set[str]]
    ) -> None:
        new = [
            (source_id, name)
            for source_id, name in names[kind].items()
            if source_id not in described[kind] and self.ids.get(kind, source_id) is None
        ]
        rows = [(self._row(kind, source_id, MENTIONED), source_id, name) for source_id, name in new]
        if rows and kind is EntityKind.ARTIST:
            artists = [(row, ArtistRecord(id=source_id, name=name)) for row, source_id, name in rows]
            await write_artists(self._connection, self._origin, artists)
        elif rows:
            labels = [(row, LabelRecord(id=source_id, name=name)) for row, source_id, name in rows]
            await write_labels(self._connection, self._origin, labels)

    async def _known_tracks(self, entries: list[Entry[AnyRecord]]) -> list[Entry[AnyRecord]]:
        """Take places of tracks that are not known out of releases. Such a record is read anew the next time."""
        wanted = (place.track for e in entries if isinstance(e.record, ReleaseRecord) for place in _places(e.record))
        await self.ids.load(EntityKind.TRACK, (track for track in wanted if isinstance(track, str)))
        named: set[str] = set()
        kept: list[Entry[AnyRecord]] = []
        for entry in entries:
            record = entry.record
            if isinstance(record, TrackRecord):
                named.add(record.id)
            if not isinstance(record, ReleaseRecord):
                kept.append(entry)
                continue
            named.update(place.track.id for place in _places(record) if not isinstance(place.track, str))
            asked = (place.track for place in _places(record) if isinstance(place.track, str))
            unknown = {
                source_id
                for source_id in asked
                if source_id not in named and self.ids.get(EntityKind.TRACK, source_id) is None
            }
            for source_id in sorted(unknown):
                self._outcome.flag(entry.index, "unknown track", source_id)
            without = Entry(entry.index, _without(record, unknown), MENTIONED) if unknown else entry
            kept.append(without)
        return kept

    def _row(self, kind: EntityKind, source_id: str, digest: int) -> int:
        """The row of an id, a new one if it has none, under its record's digest."""
        known = self.ids.get(kind, source_id)
        if known is None:
            self._outcome.rows[kind.name.lower()] += 1
        row = known.row if known else self.ids.new_row(kind)
        self.ids.put(kind, source_id, row, digest)
        return row

    def _taken(self, kind: EntityKind, entry: Entry[AnyRecord]) -> int:
        self._outcome.count(type_of(entry.record), self._verdict(entry))
        return self._row(kind, entry.record.id, entry.digest)

    async def _write_artists(self, entries: list[Entry[ArtistRecord]]) -> None:
        if entries:
            artists = [(self._taken(EntityKind.ARTIST, e), clean_artist(e, self._outcome)) for e in entries]
            stood = dict[int, int]()
            renamed = list[int]()

            async def write(own: Mapping[int, int]) -> None:
                own_artists = [(own.get(row, row), record) for row, record in artists]
                stood.update((own_row, row) for row, own_row in own.items())
                renamed.extend(await write_artists(self._connection, self._origin, own_artists))

            rows = [row for row, _ in artists]
            await write_members(self._connection, EntityKind.ARTIST, source_of(self._origin), rows, write)
            await rekey(self._connection, [stood.get(row, row) for row in renamed])

    async def _write_labels(self, entries: list[Entry[LabelRecord]]) -> None:
        if entries:
            labels = [(self._taken(EntityKind.LABEL, entry), entry.record) for entry in entries]

            async def write(own: Mapping[int, int]) -> None:
                own_labels = [(own.get(row, row), record) for row, record in labels]
                await write_labels(self._connection, self._origin, own_labels)

            rows = [row for row, _ in labels]
            await write_members(self._connection, EntityKind.LABEL, source_of(self._origin), rows, write)

    async def _write_works(self, changed: list[Entry[AnyRecord]]) -> None:
        """Works, and for those known from tracks alone a row with the title of the first recording."""
        entries = _only(changed, WorkRecord)
        tracks = [track for entry in changed for track in _tracks(entry.record) if track.works]
        await self.ids.load(EntityKind.WORK, (work for track in tracks for work in track.works))
        # As tracks, what other sources were merged with stands alone while it is written.
        known = (self.ids.get(EntityKind.WORK, entry.record.id) for entry in entries)
        parted = await part_works(self._connection, {found.row for found in known if found})
        await self.ids.reload(EntityKind.WORK, parted)
        works = [(self._taken(EntityKind.WORK, e), clean_work(e, self._outcome)) for e in entries]
        for track in tracks:
            works += [
                (self._row(EntityKind.WORK, work, MENTIONED), WorkRecord(id=work, title=track.title))
                for work in track.works
                if self.ids.get(EntityKind.WORK, work) is None
            ]
        if works:
            await write_works(self._connection, self._origin, works)

    async def _write_tracks(self, entries: list[Entry[TrackRecord]], releases: list[Entry[ReleaseRecord]]) -> None:
        """Tracks with records of their own, dated as far as the releases of the batch tell.

        The release writer sets dates right afterwards; where nothing is left to do that costs a tenth of an update.
        """
        if not entries:
            return
        before = {known.row for e in entries if (known := self.ids.get(EntityKind.TRACK, e.record.id))}
        rows = [self._taken(EntityKind.TRACK, entry) for entry in entries]
        tracks = {row: clean_track(e.index, e.record, self._outcome) for row, e in zip(rows, entries, strict=True)}
        dates = _earliest_dates(releases)
        released = {
            row: found
            for row, entry in zip(rows, entries, strict=True)
            if row not in before and (found := dates.get(entry.record.id))
        }
        parts = [(self._origin, tracks)]
        if self._genre_origin is not None:
            parts = [
                (self._origin, {row: track for row, track in tracks.items() if not track.genres}),
                (self._genre_origin, {row: track for row, track in tracks.items() if track.genres}),
            ]
        for origin, part in parts:
            replaced = part.keys() & before
            await write_tracks(self._connection, origin, self.ids, part, released, replaced=replaced)
        await date_tracks(self._connection, before)


def _only(entries: Iterable[Entry[AnyRecord]], type_: type[R]) -> list[Entry[R]]:
    return [cast("Entry[R]", entry) for entry in entries if isinstance(entry.record, type_)]


def _earliest_dates(releases: Iterable[Entry[ReleaseRecord]]) -> dict[str, date]:
    """Of the tracks that they place by id."""
    dates: dict[str, date] = {}
    for entry in releases:
        if found := parse_date(entry.record.release_date):
            for place in _places(entry.record):
                if isinstance(place.track, str):
                    dates[place.track] = min(found.date, dates.get(place.track, date.max))
    return dates


def _places(record: ReleaseRecord) -> Iterator[Place]:
    yield from record.tracks
    for edition in record.editions:
        yield from edition.tracks


def _tracks(record: AnyRecord) -> Iterator[TrackRecord]:
    if isinstance(record, TrackRecord):
        yield record
    elif isinstance(record, ReleaseRecord):
        yield from (place.track for place in _places(record) if isinstance(place.track, TrackRecord))


def _artists(record: AnyRecord) -> Iterator[Ref]:
    if isinstance(record, ReleaseRecord):
        yield record.artist
    for track in _tracks(record):
        yield from (credit.artist for credit in track.artists)


def _labels(record: AnyRecord) -> Iterator[Ref]:
    if isinstance(record, ReleaseRecord) and record.label:
        yield record.label


def _without(record: ReleaseRecord, unknown: set[str]) -> ReleaseRecord:
    def known(places: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple(place for place in places if not isinstance(place.track, str) or place.track not in unknown)

    def listed(edition: EditionRecord) -> EditionRecord:
        return structs.replace(edition, tracks=known(edition.tracks))

    return structs.replace(record, tracks=known(record.tracks), editions=tuple(map(listed, record.editions)))
