"""The JSON dumps of MusicBrainz (https://musicbrainz.org/doc/MusicBrainz_Database/Download).

Files `release`, `artist`, `label`, `work`, and the small ones `recording` (those on no release) and `release-group`.
Most of a document is CC0; tags and the genres made of them are CC BY-NC-SA 3.0 and read on request only. The dumps hold
no redirects: a document stands under the id that is left of a merge, and an id that was merged away is in none.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec

from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.musicbrainz.documents import Artist, Label, Recording, Release, ReleaseGroup, Work
from sonograph.catalog.importers.musicbrainz.dump_lines import Line, document_lines
from sonograph.catalog.importers.musicbrainz.links import same_on_discogs
from sonograph.catalog.importers.musicbrainz.people import artist_record, label_record
from sonograph.catalog.importers.musicbrainz.recordings import track_record, work_record, work_records
from sonograph.catalog.importers.musicbrainz.releases import Unreadable, read_release
from sonograph.catalog.importers.source_file import SourceFile
from sonograph.catalog.records import GroupRecord
from sonograph.errors import Invalid

_SHOWN = 2000
_MAX_DATE = 20


def read_musicbrainz(file: SourceFile, skip: int, *, tags: bool = False) -> Iterator[Item]:
    """Items of a dump file, one a document. What kind of documents, the archive says, or the first of them."""
    entity = None
    for number, line in enumerate(document_lines(file)):
        entity = line.entity or entity or _entity_of(line.text)
        if entity not in _ENTITIES:
            raise Invalid(
                f"{file.path}: holds {f'documents of {entity}' if entity else 'no documents of a MusicBrainz dump'}; "
                f"imported are: {', '.join(_ENTITIES)}",
                "path",
            )
        if number >= skip:
            yield _item(number + 1, entity, line, tags=tags)
    if entity is None:
        raise Invalid(f"{file.path}: no documents in it", "path")


def _entity_of(text: bytes) -> str | None:
    """The kind of a document by its members: each has all of them, filled or not."""
    try:
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw]).keys()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return next((entity for entity, telling in _TELLING.items() if telling <= members), None)


def _item(number: int, entity: str, line: Line, *, tags: bool) -> Item:
    decoder, read = _ENTITIES[entity]
    counted = {f"{entity.replace('-', ' ')}s": 1}
    if not line.whole:
        return _rejected(number, "document of more than 64 MiB", "", line, counted)
    try:
        return read(decoder.decode(line.text), tags=tags)
    except Unreadable as error:
        return _rejected(number, str(error), "", line, counted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        valid_json = isinstance(error, msgspec.ValidationError)
        return _rejected(number, f"not a document of {entity}" if valid_json else "not JSON", str(error), line, counted)


def _rejected(number: int, reason: str, message: str, line: Line, counted: dict[str, int]) -> Item:
    text = line.text[:_SHOWN].decode(errors="replace")
    return Item(number, None, Rejection(reason, f"{reason}: {message}" if message else reason, text), tally=counted)


def _artist(artist: Artist, *, tags: bool) -> Item:  # noqa: ARG001 - its genres are for no member of ours
    record = artist_record(artist)
    if record is None:
        raise Unreadable("artist without an id or a name")
    return Item(record.id, record, size=500 + 50 * len(record.aliases), tally={"artists": 1})


def _label(label: Label, *, tags: bool) -> Item:  # noqa: ARG001 - as above
    record = label_record(label)
    if record is None:
        raise Unreadable("label without an id or a name")
    return Item(record.id, record, tally={"labels": 1})


def _work(work: Work, *, tags: bool) -> Item:  # noqa: ARG001 - as above
    record = work_record(work)
    if record is None:
        raise Unreadable("work without an id")
    return Item(record.id, record, size=300, tally={"works": 1})


def _recording(recording: Recording, *, tags: bool) -> Item:
    record = track_record(recording, (), tags=tags)
    if record is None:
        raise Unreadable("recording without an artist" if recording.id else "recording without an id")
    return Item(record.id, record, tally={"recordings": 1}, before=tuple(work_records(recording)))


def _release_group(group: ReleaseGroup, *, tags: bool) -> Item:  # noqa: ARG001 - its genres are those of no recording
    if not group.id:
        raise Unreadable("release group without an id")
    record = GroupRecord(
        id=group.id,
        release_date=(group.first_release_date or "")[:_MAX_DATE] or None,
        same_as=same_on_discogs("master", group.relations or ()),
    )
    return Item(group.id, record, size=300, tally={"release groups": 1})


_ENTITIES: dict[str, tuple[msgspec.json.Decoder[Any], Callable[..., Item]]] = {
    "release": (msgspec.json.Decoder(Release), read_release),
    "artist": (msgspec.json.Decoder(Artist), _artist),
    "label": (msgspec.json.Decoder(Label), _label),
    "work": (msgspec.json.Decoder(Work), _work),
    "recording": (msgspec.json.Decoder(Recording), _recording),
    "release-group": (msgspec.json.Decoder(ReleaseGroup), _release_group),
}
# The first whose members are all there; those of other files, so that the message can name them.
_TELLING: dict[str, frozenset[str]] = {
    "release": frozenset(("media", "release-group")),
    "release-group": frozenset(("primary-type", "secondary-types")),
    "artist": frozenset(("gender", "life-span", "name")),
    "label": frozenset(("label-code", "life-span", "name")),
    "work": frozenset(("iswcs", "title")),
    "recording": frozenset(("video", "length", "title")),
    "event": frozenset(("setlist", "life-span")),
    "place": frozenset(("coordinates", "life-span")),
    "area": frozenset(("iso-3166-1-codes", "name")),
}

read_musicbrainz_with_tags = partial(read_musicbrainz, tags=True)
