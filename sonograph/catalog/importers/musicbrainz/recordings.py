"""Recordings, which stand inside of releases, and the works that they are recordings of."""

from collections.abc import Iterator, Sequence

from sonograph.catalog.genre_names import canonical
from sonograph.catalog.importers.musicbrainz.credits import artist_credits, named_text, with_roles
from sonograph.catalog.importers.musicbrainz.documents import ArtistCredit, Count, Recording, Work
from sonograph.catalog.importers.musicbrainz.links import recording_links
from sonograph.catalog.records import Link, TrackRecord, WorkRecord

UNTITLED = "[untitled]"  # as MusicBrainz calls what has no title
_MAX_SECONDS = 2**31 - 1


def track_record(recording: Recording, release_credit: Sequence[ArtistCredit], *, tags: bool) -> TrackRecord | None:
    """The recording as it is wherever it stands: its own title and credit, not those of a tracklist.

    The credit of the release stands in where the document has none for the recording. None without an artist or id.
    """
    relations = recording.relations or ()
    front = artist_credits(recording.artist_credit or release_credit)
    if not front or not recording.id:
        return None
    return TrackRecord(
        id=recording.id,
        title=named_text(recording.title) or UNTITLED,
        artists=with_roles(front, relations) if relations else tuple(front[:100]),
        duration=_seconds(recording.length),
        isrcs=codes(recording.isrcs),
        genres=genres(recording.genres or ()) if tags else (),
        works=tuple(dict.fromkeys(relation.work.id for relation in relations if relation.work and relation.work.id)),
        links=(Link(source="musicbrainz", id=recording.id), *recording_links(relations)),
    )


def work_records(recording: Recording) -> Iterator[WorkRecord]:
    """The works of its relations, as far as their ISWCs are told; others are left to the file of works."""
    for relation in recording.relations or ():
        if relation.work is not None and relation.work.iswcs is not None and (record := work_record(relation.work)):
            yield record


def work_record(work: Work) -> WorkRecord | None:
    """None without an id."""
    if not work.id:
        return None
    return WorkRecord(id=work.id, title=named_text(work.title) or UNTITLED, iswcs=codes(work.iswcs))


def codes(texts: Sequence[str | None] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts or () if text))


def genres(counts: Sequence[Count]) -> tuple[int, ...]:
    """Our genres of those that were voted for, most votes first."""
    voted = sorted((-count.count, count.name) for count in counts if count.count and count.count > 0 and count.name)
    return tuple(dict.fromkeys(number for _, name in voted if (number := canonical(name))))


def _seconds(milliseconds: int | None) -> int | None:
    """Rounded, None for 0 and for what no recording lasts."""
    if not milliseconds or milliseconds < 0:
        return None
    seconds = (milliseconds + 500) // 1000
    return seconds if 0 < seconds <= _MAX_SECONDS else None
