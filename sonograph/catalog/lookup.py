"""Finds of single rows: by number, by code, by the id of another platform. Values in, Found out."""

from collections.abc import Sequence

from sonograph.catalog.codes import parse_gtin, parse_isrc, parse_iswc, parse_mbid
from sonograph.catalog.platform_urls import parse_reference, spellings
from sonograph.catalog.vocabulary import EntityKind, Platform
from sonograph.ids import MAX_INT, parse_global_id
from sonograph.postgres.found import NOTHING, Found, Order

KINDS = {
    "Artist": EntityKind.ARTIST,
    "Label": EntityKind.LABEL,
    "Release": EntityKind.RELEASE,
    "Track": EntityKind.TRACK,
    "Work": EntityKind.WORK,
}
MAX_EXTERNAL_ID = 200  # characters
# The row `l` of platform_link with the id {}, by the index, which holds hashes.
LINKED = "hashtext(l.external_id) = hashtext({0}) and l.external_id = {0}"


def track_linked(platform: Platform, *keys: str) -> str:
    """The id of the track that has one of these ids, tried in their order; a null finds none."""
    found = [
        f"(select l.track_id from platform_link l where {LINKED.format(key)} and l.source = {platform.value} "
        "order by l.track_id limit 1)"
        for key in keys
    ]
    return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0]


def nothing(table: str) -> Found:
    return Found(f"from {table} this {NOTHING}")


def row_by_number(kind: EntityKind, number: int) -> Found:
    """The row of an id, or the row that it was merged into."""
    table = kind.name.lower()
    if not 0 < number <= MAX_INT:
        return nothing(table)
    redirected = f"select r.new_id from redirect r where r.kind = {kind.value} and r.old_id = $1::int"
    return Found(f"from {table} this where this.id = coalesce(({redirected}), $1::int)", (number,))


def row_by_global_id(kind: EntityKind, text: str) -> Found:
    name, number = parse_global_id(text) or ("", 0)
    return row_by_number(kind, number) if KINDS.get(name) is kind else nothing(kind.name.lower())


def references(global_ids: Sequence[str]) -> Found:
    """Rows of (type, id) in the order asked for, merged ids led on: what `node` and `nodes` are made of."""
    pairs = [parse_global_id(text) or ("", 0) for text in global_ids]
    types = [name if name in KINDS or name == "Genre" else None for name, _ in pairs]
    kinds = [KINDS[name].value if name in KINDS else 0 for name, _ in pairs]
    rows = "unnest($1::text[], $2::int[], $3::int[]) with ordinality as r(type, kind, asked, place)"
    led_on = "select d.new_id from redirect d where d.kind = r.kind and d.old_id = r.asked"
    return Found(
        f"from (select r.type, r.place, coalesce(({led_on}), r.asked) as id from {rows}) this where true",
        (types, kinds, [number for _, number in pairs]),
        (Order("this.place", "bigint"),),
    )


def rows_by_number(type_name: str, numbers: Sequence[int]) -> Found:
    """Rows of one type in the order asked for, merged numbers led on, null where there is none."""
    kind = KINDS.get(type_name)
    number = "r.id"
    if kind is not None:
        number = f"coalesce((select d.new_id from redirect d where d.kind = {kind.value} and d.old_id = r.id), r.id)"
    rows = "unnest($1::int[]) with ordinality as r(id, place)"
    return Found(
        f"from (select $2::text as type, {number} as id, r.place from {rows}) this where true",
        (numbers, type_name),
        (Order("this.place", "int"),),
    )


def genre_by_number(number: int) -> Found:
    return Found("from genre this where this.id = $1::int", (number,))


def track_by_isrc(text: str) -> Found:
    """Any code of a track finds it; where two tracks share one, the older row is meant."""
    code = parse_isrc(text)
    if code is None:
        return nothing("track")
    return Found(
        "from track this where this.id = (select i.track_id from isrc i where i.code = $1::text "
        "order by i.track_id limit 1)",
        (code,),
    )


def track_by_platform(platform: Platform, text: str) -> Found:
    """The track that a platform knows by this id, URI or address."""
    external_id = parse_reference(platform, text)
    if external_id is None:
        return nothing("track")
    keys = spellings(platform, external_id)
    places = (f"${number}::text" for number in range(1, len(keys) + 1))
    return Found(f"from track this where this.id = {track_linked(platform, *places)}", keys)


def artist_by_musicbrainz_id(text: str) -> Found:
    mbid = parse_mbid(text, "artist")
    if mbid is None:
        return nothing("artist")
    return Found(
        "from artist this where this.id = (select a.id from artist a where a.musicbrainz_id = $1::text::uuid "
        "order by a.id limit 1)",
        (mbid,),
    )


def artist_by_wikidata_id(text: str) -> Found:
    return Found(
        "from artist this where this.id = (select a.id from artist a where a.wikidata_id = $1::text "
        "order by a.id limit 1)",
        (text[:MAX_EXTERNAL_ID].strip().upper(),),
    )


def _listed(platform: Platform, text: str, entity: str) -> str:
    """The id of an edition or group as it is stored: MBIDs come in either case, or in an address."""
    mbid = parse_mbid(text, entity) if platform is Platform.MUSICBRAINZ else None
    return mbid or text[:MAX_EXTERNAL_ID].strip()


def release_by_edition(platform: Platform, external_id: str) -> Found:
    """The release that groups the edition which a source knows by this id."""
    return Found(
        "from release this where this.id = (select e.release_id from edition e "
        f"where e.source = {platform.value} and e.external_id = $1::text)",
        (_listed(platform, external_id, "release"),),
    )


def release_by_group(platform: Platform, external_id: str) -> Found:
    """The release by the source's own group of editions: MusicBrainz release group, Discogs master."""
    return Found(
        "from release this where this.id = (select e.release_id from edition e where e.group_external_id = $1::text "
        f"and e.source = {platform.value} order by e.release_id limit 1)",
        (_listed(platform, external_id, "release-group"),),
    )


def release_by_barcode(text: str) -> Found:
    code = parse_gtin(text)
    if code is None:
        return nothing("release")
    return Found(
        "from release this where this.id = (select e.release_id from edition e where e.barcode = $1::text "
        "order by e.release_id limit 1)",
        (code.text,),
    )


def work_by_iswc(text: str) -> Found:
    code = parse_iswc(text)
    if code is None:
        return nothing("work")
    return Found(
        "from work this where this.id = (select i.work_id from iswc i where i.code = $1::text "
        "order by i.work_id limit 1)",
        (code.text,),
    )


def iswc(text: str) -> Found:
    """The row of the code itself; where two works claim one, the older work."""
    code = parse_iswc(text)
    if code is None:
        return nothing("iswc")
    return Found(
        "from (select c.* from iswc c where c.code = $1::text order by c.work_id limit 1) this where true", (code.text,)
    )
