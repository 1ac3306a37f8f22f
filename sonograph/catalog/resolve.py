"""Bulk resolve: up to 100 lines in one statement, answered in order, whatever single lines are."""

import json
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from sonograph.catalog.codes import parse_isrc
from sonograph.catalog.lookup import track_linked
from sonograph.catalog.platform_urls import parse_reference, spellings
from sonograph.catalog.search.cascade import PARAMETERS, VERSION_SCORE, hits, similar_swapped, tiers
from sonograph.catalog.search.query import Asked
from sonograph.catalog.vocabulary import EntityKind, Platform
from sonograph.errors import Invalid
from sonograph.ids import MAX_INT
from sonograph.postgres.found import Found, Order

MAX_LINES = 100
PER_KEY = 5  # tracks of one match key that are compared
MAX_NAME = 1000  # characters of an artist or title that are looked at


class ResolveBy(IntEnum):
    """What the lines of a bulk resolve are."""

    TRACK_NAME = 0
    ISRC = 8
    SONOVAULT_ID = 9
    SPOTIFY_ID = Platform.SPOTIFY
    APPLE_MUSIC_ID = Platform.APPLE_MUSIC
    TIDAL_ID = Platform.TIDAL
    BEATPORT_ID = Platform.BEATPORT
    DISCOGS_ID = Platform.DISCOGS
    MUSICBRAINZ_ID = Platform.MUSICBRAINZ
    YOUTUBE_ID = Platform.YOUTUBE


class ResolveStatus(IntEnum):
    """What became of a line."""

    MATCHED = 1
    NOT_FOUND = 2
    SKIPPED_NO_CREDITS = 3


Line = Any  # JSON: a text or number, or {artist, title}; whatever else it is names nothing

_IN_ORDER = (Order("this.n", "bigint"),)


def resolve(by: ResolveBy, lines: Sequence[Line], paid_for: int) -> Found:
    """Rows (n, input, track_id, status, _tier, _score), one a line; lines behind the first `paid_for` are skipped.

    A line that is malformed or names nothing is not found, and does not touch the others. Raises `Invalid` for none or
    more than `MAX_LINES` lines.
    """
    if not 1 <= len(lines) <= MAX_LINES:
        raise Invalid(f"items: must be 1 to {MAX_LINES}", "items")
    inputs = [json.dumps(line, ensure_ascii=False) for line in lines]
    if by is ResolveBy.TRACK_NAME:
        asked = Asked()
        for number, line in enumerate(lines[: max(paid_for, 0)], start=1):
            asked.add(number, *_names(line))
        return _rows(_BY_NAME, (*asked.values, inputs, paid_for), f"${PARAMETERS + 2}", fit="f.tier, f.score")
    keys: list[Any]
    if by is ResolveBy.ISRC:
        keys = [parse_isrc(text) if (text := _text(line)) else None for line in lines]
        return _rows(_BY_ISRC, (inputs, paid_for, keys), "$2")
    if by is ResolveBy.SONOVAULT_ID:
        keys = [_number(line) for line in lines]
        return _rows(_BY_NUMBER, (inputs, paid_for, keys), "$2")
    platform = Platform(by.value)
    keys = [parse_reference(platform, text) if (text := _text(line)) else None for line in lines]
    others = [spellings(platform, key)[1:] if key else () for key in keys]
    if not any(others):
        return _rows(_by_platform(platform, "a.key"), (inputs, paid_for, keys), "$2")
    again = [other[0] if other else None for other in others]
    return _rows(_by_platform(platform, "a.key", "a.other"), (inputs, paid_for, keys, again), "$2")


_BY_ISRC = (
    "select l.n, l.input, (select i.track_id from isrc i where i.code = l.key order by i.track_id limit 1) as track_id "
    "from unnest($1::text[], $3::text[]) with ordinality l(input, key, n)"
)
_BY_NUMBER = (
    "select l.n, l.input, (select t.id from track t where t.id = coalesce((select r.new_id from redirect r "
    f"where r.kind = {EntityKind.TRACK.value} and r.old_id = l.key), l.key)) as track_id "
    "from unnest($1::text[], $3::int[]) with ordinality l(input, key, n)"
)
# The cascade of the search without its text tier, which is too dear for a hundred lines; the best hit of a line wins.
_BY_NAME = f"""select l.n, l.input, h.track_id, h.tier, h.score
    from unnest(${PARAMETERS + 1}::text[]) with ordinality l(input, n) left join (with {tiers(PER_KEY, others=False)},
      {similar_swapped("exact", "versions", "near", "swapped")}
    select distinct on (h.line) h.line, h.id as track_id, h.tier, coalesce(h.score, {VERSION_SCORE}) as score
    from ({hits(text=False)}) h join track t on t.id = h.id
    order by h.line, h.tier, coalesce(h.score, {VERSION_SCORE}), t.popularity desc, t.id
    ) h on h.line = l.n"""


def _by_platform(platform: Platform, *keys: str) -> str:
    """Lines with the track that has one of their `keys`: columns of the arrays from the third parameter on."""
    arrays = ", ".join(f"${number}::text[]" for number in (1, *range(3, 3 + len(keys))))
    names = ", ".join(("input", *(key.removeprefix("a.") for key in keys)))
    return (
        f"select a.n, a.input, {track_linked(platform, *keys)} as track_id "
        f"from unnest({arrays}) with ordinality a({names}, n)"
    )


def _rows(found: str, params: tuple[Any, ...], paid_for: str, *, fit: str = "null::int, null::int") -> Found:
    """Lines with their status; `paid_for` is the parameter that says how many are looked up, `fit` tier and score."""
    status = (
        f"case when f.n > {paid_for}::int then {ResolveStatus.SKIPPED_NO_CREDITS.value} "
        f"when f.track_id is null then {ResolveStatus.NOT_FOUND.value} else {ResolveStatus.MATCHED.value} end"
    )
    return Found(
        f"from (select f.n, f.input::json as input, {status} as status, "
        f"case when f.n <= {paid_for}::int then f.track_id end as track_id, {fit} from ({found}) f) "
        "this (n, input, status, track_id, _tier, _score) where true",
        params,
        _IN_ORDER,
    )


def match_of_line() -> Found:
    """How well the track fits the names of its line."""
    return Found("from (select parent._tier, parent._score) this where this._tier is not null")


def _names(line: Line) -> tuple[str, str]:
    """Artist and title: of `{artist, title}`, or of the text "Artist - Title"; empty for what is neither."""
    if isinstance(line, dict):
        artist, title = line.get("artist"), line.get("title")
    elif isinstance(line, str):
        artist, _, title = line.replace("\t", " - ").partition(" - ")
    else:
        return "", ""
    if not isinstance(artist, str) or not isinstance(title, str):
        return "", ""
    return artist[:MAX_NAME].replace("\0", " "), title[:MAX_NAME].replace("\0", " ")


def _text(line: Line) -> str | None:
    """A line that is an id: text, or a number as some platforms have."""
    return str(line) if isinstance(line, str | int) and not isinstance(line, bool) else None


def _number(line: Line) -> int | None:
    text = (_text(line) or "").strip()
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MAX_INT)) or int(text) > MAX_INT:
        return None
    return int(text)
