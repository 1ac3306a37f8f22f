"""What sources say of each other: this record of ours is that record of theirs."""

from collections.abc import Iterator, Sequence

import asyncpg

from sonograph.catalog.codes import parse_mbid
from sonograph.catalog.records import AnyRecord, ArtistRecord, GroupRecord, LabelRecord, ReleaseRecord, Same
from sonograph.catalog.vocabulary import EntityKind, OriginId

_KINDS: dict[type[AnyRecord], EntityKind] = {
    ArtistRecord: EntityKind.ARTIST,
    LabelRecord: EntityKind.LABEL,
    ReleaseRecord: EntityKind.RELEASE,
    GroupRecord: EntityKind.RELEASE_GROUP,
}
_ORIGINS = {"discogs": OriginId.DISCOGS, "musicbrainz": OriginId.MUSICBRAINZ}


async def write_same_as(connection: asyncpg.Connection, origin: int, records: Sequence[AnyRecord]) -> None:
    """Replace what these records say."""
    said = [(record, kind) for record in records if (kind := _KINDS.get(type(record)))]
    if not said:
        return
    await connection.execute(
        "delete from same_as s using unnest($1::text[], $2::smallint[]) d(id, kind) "
        "where s.external_id = d.id and s.kind = d.kind and s.origin_id = $3",
        [record.id for record, _ in said], [kind for _, kind in said], origin,
    )  # fmt: skip
    rows = dict.fromkeys(
        (kind, origin, _ORIGINS[same.source], record.id, same.id)
        for record, kind in said
        for same in _said(record, origin)
        if _ORIGINS[same.source] != origin
    )
    if rows:
        await connection.copy_records_to_table(
            "same_as", records=list(rows), columns=["kind", "origin_id", "target_origin", "external_id", "target_id"]
        )


def _said(record: AnyRecord, origin: int) -> Iterator[Same]:
    """An artist's MusicBrainz id says it, too, where another source tells it."""
    if isinstance(record, ArtistRecord | LabelRecord | ReleaseRecord | GroupRecord):
        yield from record.same_as
    if isinstance(record, ArtistRecord) and origin != OriginId.MUSICBRAINZ and record.musicbrainz_id:
        mbid = parse_mbid(record.musicbrainz_id)
        if mbid:
            yield Same(source="musicbrainz", id=mbid)
