"""The release file: each document becomes its recordings, their works, and one release record that places them."""

from collections import Counter
from collections.abc import Iterator

from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.musicbrainz.countries import country_name
from sonograph.catalog.importers.musicbrainz.credits import MAX_TEXT, artist_credits, named_ref, named_text
from sonograph.catalog.importers.musicbrainz.documents import Medium, Release, Track
from sonograph.catalog.importers.musicbrainz.links import same_on_discogs
from sonograph.catalog.importers.musicbrainz.media import is_official, medium_format, release_kind
from sonograph.catalog.importers.musicbrainz.recordings import UNTITLED, track_record, work_records
from sonograph.catalog.records import EditionRecord, Place, Ref, ReleaseRecord, TrackRecord, WorkRecord

_NO_LABEL = "157afde4-4bf5-4039-8ad2-5a15acc85176"  # the label "[no label]"
_MAX_COUNT = 32767
_MAX_DATE = 20


class Unreadable(Exception):
    """A document that makes no record; the message is the reason."""


def read_release(release: Release, *, tags: bool) -> Item:
    """Release groups are our releases: title and artist are those of the group, the edition has its own."""
    if not release.id:
        raise Unreadable("release without an id")
    group = release.release_group
    credited = artist_credits((group and group.artist_credit) or release.artist_credit or ())
    if not credited:
        raise Unreadable("release without an artist")
    title = named_text(release.title) or UNTITLED
    tally = Counter(releases=1)
    tracks = dict[str, TrackRecord]()
    works = dict[str, WorkRecord]()
    flags = list[Rejection]()
    places = list[Place]()
    media = release.media or ()
    for medium in media:
        disc = _position(medium.position)
        for track in _tracks(medium, tally):
            recording = track.recording
            if recording is None or not recording.id:
                flags.append(Rejection("track without a recording", "track without a recording", title))
                continue
            if recording.id not in tracks:
                described = track_record(recording, release.artist_credit or (), tags=tags)
                if described is None:
                    reason = "recording without an artist"
                    flags.append(Rejection(reason, f"{reason}: {recording.id}", title))
                    continue
                tracks[recording.id] = described
                works.update((work.id, work) for work in work_records(recording))
            places.append(Place(track=recording.id, disc=disc, number=_position(track.position)))
    tally["tracks"] = len(places)
    labels = _labels(release)
    catalog_numbers = [number for _, number in labels if number]
    date = (release.date or "")[:_MAX_DATE] or None
    edition = EditionRecord(
        source="musicbrainz",
        id=release.id,
        group_id=group.id if group else None,
        title=title,
        kind=release_kind(group),
        format=medium_format(medium.format for medium in media),
        official=is_official(release.status),
        release_date=date,
        barcode=(release.barcode or "").strip()[:MAX_TEXT] or None,
        country=_country(release),
        label=" / ".join(dict.fromkeys(ref.name or "" for ref, _ in labels if ref))[:MAX_TEXT] or None,
        catalog_no=" / ".join(dict.fromkeys(catalog_numbers))[:MAX_TEXT] or None,
        medium_count=min(len(media), _MAX_COUNT) or None,
        track_count=min(len(places), _MAX_COUNT),
    )
    label, catalog_number = next(((ref, number) for ref, number in labels if ref), (None, ""))
    record = ReleaseRecord(
        id=release.id,
        title=(named_text(group.title) if group else "") or title,
        artist=credited[0].artist,
        group=group.id if group and group.id else None,
        label=label,
        release_date=date,
        catalog_no=(catalog_number if label else next(iter(catalog_numbers), "")) or None,
        tracks=tuple(places),
        editions=(edition,),
        same_as=same_on_discogs("release", release.relations or ()),
    )
    return Item(
        release.id,
        record,
        size=500 + 500 * len(tracks) + 200 * len(works),
        tally=dict(tally),
        flags=tuple(flags),
        before=(*works.values(), *tracks.values()),
    )


def _tracks(medium: Medium, tally: Counter[str]) -> Iterator[Track]:
    """The hidden track before the first one is number 0; data tracks, which are no music, are left out."""
    if medium.pregap is not None:
        yield medium.pregap
    yield from medium.tracks or ()
    if medium.data_tracks:
        tally["data tracks"] += len(medium.data_tracks)


def _position(position: int | None) -> int | None:
    return position if position is not None and 0 <= position <= _MAX_COUNT else None


def _labels(release: Release) -> list[tuple[Ref | None, str]]:
    """(label, its catalogue number or ""), without those that say that there is none."""
    found = []
    for info in release.label_info or ():
        ref = named_ref(info.label)
        ref = ref if ref and ref.id != _NO_LABEL else None
        number = (info.catalog_number or "").strip()[:MAX_TEXT]
        found.append((ref, "" if number.lower().strip("[]") == "none" else number))
    return found


def _country(release: Release) -> str | None:
    """The country of the first release event, in English."""
    if name := country_name(release.country):
        return name
    areas = (event.area.name for event in release.release_events or () if event.area)
    return next((name[:MAX_TEXT] for name in areas if name), None)
