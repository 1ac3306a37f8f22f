"""One release out of all records of its group: a pure function, blind to the order in which they were read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from msgspec import structs

from sonograph.catalog.dates import PartialDate, parse_date
from sonograph.catalog.names import title_key
from sonograph.catalog.records import (
    EditionRecord,
    GroupRecord,
    Link,
    Place,
    Ref,
    ReleaseRecord,
    SourcedKey,
    TrackRecord,
)

# Editions of one recording are timed by hand, by machine, with and without the gap: 3 s is what they differ by.
DURATION_TOLERANCE_S = 3


class Placed(NamedTuple):
    """Where a recording (its number in `Consolidated.recordings`) stands."""

    recording: int
    disc: int | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of the group. `ids` are those of the source, the leading one first."""

    ids: tuple[str, ...]
    track: TrackRecord | None  # None: the group knows it by its id only


@dataclass(frozen=True, slots=True)
class ListedEdition:
    edition: EditionRecord  # without its tracks
    places: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Consolidated:
    title: str
    artist: Ref
    label: Ref | None
    catalog_no: str | None
    date: PartialDate | None
    popularity: int | None
    recordings: tuple[Recording, ...]
    places: tuple[Placed, ...]
    editions: tuple[ListedEdition, ...]


def consolidate(records: Iterable[ReleaseRecord], group: GroupRecord | None = None) -> Consolidated:
    """The release that these records (at least one) describe together.

    Title, artist and numbering are those of the main record, or of the earliest one; label and catalogue number those
    of the first record in that order that has a label; the date is the earliest known one. Tracks that only other
    records have come last, without numbers.
    """
    ordered = sorted(records, key=_order)
    main = ordered[0]
    labelled = next((record for record in ordered if record.label), main)
    dates = [found for record in ordered if (found := parse_date(record.release_date))]
    if not dates and group and (found := parse_date(group.release_date)):
        dates.append(found)
    matched = _Matching(alone=len(ordered) == 1)
    lists = [[matched.place(number, place) for place in record.tracks] for number, record in enumerate(ordered)]
    editions = [
        (edition, [matched.place(number, place) for place in edition.tracks] if edition.tracks else lists[number])
        for number, record in enumerate(ordered)
        for edition in record.editions
    ]
    places = _each_once(lists[0])
    others = [Placed(placed.recording, None, None) for placed in (p for rest in lists[1:] for p in rest)]
    others += [Placed(placed.recording, None, None) for _, listed in editions for placed in listed]
    listed = {
        (edition.source, edition.id): ListedEdition(structs.replace(edition, tracks=()), _each_once(held))
        for edition, held in reversed(editions)  # where two records list the same edition, the first one's stays
    }
    return Consolidated(
        title=main.title,
        artist=main.artist,
        label=labelled.label,
        catalog_no=labelled.catalog_no,
        date=min(dates, key=_earliest, default=None),
        popularity=max((r.popularity for r in ordered if r.popularity is not None), default=None),
        recordings=matched.recordings(group.genres if group else ()),
        places=_each_once([*places, *others]),
        editions=tuple(listed[key] for key in sorted(listed, key=lambda key: (key[0], len(key[1]), key[1]))),
    )


def _order(record: ReleaseRecord) -> tuple[bool, date, int, str]:
    """The main one, then by date (undated ones last), then by id; numbers as text sort by length first."""
    found = parse_date(record.release_date)
    return not record.main, found.date if found else date.max, len(record.id), record.id


def _earliest(found: PartialDate) -> tuple[date, int]:
    # Of 1999 and 1999-01-01 the latter says more.
    return found.date, ("day", "month", "year").index(found.precision)


def _each_once(places: Sequence[Placed]) -> tuple[Placed, ...]:
    """A recording stands on a release once: where it is listed first."""
    first: dict[int, Placed] = {}
    for placed in places:
        first.setdefault(placed.recording, placed)
    return tuple(first.values())


class _Matching:
    """Tells which tracks of different records are the same recording.

    They are when their ids are equal, or when title (with version words) and primary artists are and their durations
    are within 3 s, or one is unknown. Two tracks of one record are never the same unless their ids are.
    """

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone  # a single record: nothing to compare
        self._by_id: dict[str, int] = {}
        self._by_key: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
        self._tracks: list[list[TrackRecord]] = []
        self._ids: list[list[str]] = []
        self._in_record: set[tuple[int, int]] = set()  # (record, recording)

    def place(self, record: int, place: Place) -> Placed:
        track = place.track
        recording = self._named(track) if isinstance(track, str) else self._said(record, track)
        self._in_record.add((record, recording))
        return Placed(recording, place.disc, place.number)

    def recordings(self, genres: tuple[str | int, ...]) -> tuple[Recording, ...]:
        return tuple(
            Recording(tuple(ids), _together(tracks, genres) if tracks else None)
            for ids, tracks in zip(self._ids, self._tracks, strict=True)
        )

    def _named(self, source_id: str) -> int:
        if source_id not in self._by_id:
            self._by_id[source_id] = self._new(source_id)
        return self._by_id[source_id]

    def _said(self, record: int, track: TrackRecord) -> int:
        known = self._by_id.get(track.id)
        if known is not None:
            if not self._tracks[known]:  # named before it was described
                self._describe(known, track)
            return known
        recording = self._alike(record, track)
        if recording is None:
            recording = self._new(track.id)
        else:
            self._ids[recording].append(track.id)
        self._by_id[track.id] = recording
        self._describe(recording, track)
        return recording

    def _new(self, source_id: str) -> int:
        self._ids.append([source_id])
        self._tracks.append([])
        return len(self._ids) - 1

    def _describe(self, recording: int, track: TrackRecord) -> None:
        if not self._alone and not self._tracks[recording]:
            self._by_key[_key(track)].append(recording)
        self._tracks[recording].append(track)

    def _alike(self, record: int, track: TrackRecord) -> int | None:
        """The recording that lies nearest in duration, the first one where either is unknown."""
        if self._alone:
            return None
        best: tuple[int, int] | None = None
        for recording in self._by_key.get(_key(track), ()):
            if (record, recording) in self._in_record:
                continue
            duration = next((t.duration for t in self._tracks[recording] if t.duration), None)
            apart = abs(duration - track.duration) if duration and track.duration else 0
            if apart <= DURATION_TOLERANCE_S and (best is None or apart < best[0]):
                best = apart, recording
        return best[1] if best else None


def _key(track: TrackRecord) -> tuple[str, frozenset[str]]:
    artists = [credit.artist.id for credit in track.artists if credit.role == "primary"]
    return title_key(track.title), frozenset(artists or (credit.artist.id for credit in track.artists))


def _together(tracks: Sequence[TrackRecord], genres: tuple[str | int, ...]) -> TrackRecord:
    """What all records say of one recording: facts of the first that has them, codes and links of all."""
    first = tracks[0]
    if len(tracks) == 1:
        return first if first.genres or not genres else structs.replace(first, genres=genres)
    keys: dict[str, SourcedKey] = {}
    for said in (said for track in tracks for said in track.keys):
        keys.setdefault(said.source, said)
    links: dict[tuple[str, str], Link] = {(link.source, link.id): link for track in tracks for link in track.links}
    return structs.replace(
        first,
        duration=next((track.duration for track in tracks if track.duration is not None), None),
        isrcs=tuple(dict.fromkeys(code for track in tracks for code in track.isrcs)),
        bpm=next((track.bpm for track in tracks if track.bpm is not None), None),
        key=next((track.key for track in tracks if track.key is not None), None),
        keys=tuple(keys.values()),
        genres=next((track.genres for track in tracks if track.genres), genres),
        works=tuple(dict.fromkeys(work for track in tracks for work in track.works)),
        links=tuple(links.values()),
        popularity=max((track.popularity for track in tracks if track.popularity is not None), default=None),
    )
