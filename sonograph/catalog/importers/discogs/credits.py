"""Artists of releases and tracks: names as credited, join phrases, roles, and ranges of tracks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml import etree

from sonograph.catalog.importers.discogs.text import children, without_number
from sonograph.catalog.records import Credit, Ref, Role

VARIOUS = "194"
_MAX_CREDITS = 100
_MAX_JOIN = 100

_FEATURING = frozenset(("feat", "ft", "featuring", "f", "special guest", "special guests", "guest", "starring"))
# Roles by their name on Discogs, in lower case and without what stands in brackets. Session musicians, engineers,
# designers and so on are left out: our roles are those that people look recordings up by.
_ROLES: dict[str, Role] = {
    **dict.fromkeys(("remix", "remixed by"), "remixer"),
    **dict.fromkeys(("featuring", "featured artist"), "featured"),
    **dict.fromkeys(("producer", "co-producer", "produced by"), "producer"),
    **dict.fromkeys(("written-by", "written by", "composed by", "music by", "songwriter", "composer"), "composer"),
    **dict.fromkeys(("conductor", "conducted by"), "conductor"),
    **dict.fromkeys(
        ("performer", "vocals", "lead vocals", "rap", "mc", "orchestra", "choir", "chorus", "ensemble", "soloist"),
        "performer",
    ),
}
_BRACKETED = re.compile(r"\[[^\]]*\]?")
_RANGE = re.compile(r"(.+?)\s+(?:to|-|\u2013|thru|through)\s+(.+)", re.IGNORECASE)
_SHORT_RANGE = re.compile(r"([^\d]*(?:\d+[-.])?)(\d+)\s*[-\u2013]\s*(\d+)")  # "A1-7"
_TRACKS = re.compile(r"^\W*tracks?\W+|\)$", re.IGNORECASE)  # "(tracks: 2, 6)"
_SIDE = re.compile(r"[A-Za-z]{1,2}")


def artist_ref(said: Mapping[str, str]) -> Ref | None:
    """The artist that the texts of an <artist> name, None for the few without an id or a name."""
    source_id = said.get("id", "")
    name = "Various Artists" if source_id == VARIOUS else without_number(said.get("name", ""))
    if not source_id.isdecimal() or not name:
        return None
    return Ref(id=source_id, name=name)


def artist_credits(artists: Iterable[etree._Element]) -> list[Credit]:
    """The credits of an <artists> list. Who follows a join such as "Feat." is featured, until a "/" ends it."""
    credited: list[Credit] = []
    role: Role = "primary"
    for element in artists:
        said = children(element)
        ref, join = artist_ref(said), said.get("join", "")
        if ref is not None:
            credited.append(
                Credit(artist=ref, role=role, credited_as=_credited_as(said, ref), join_phrase=_phrase(join))
            )
        if join.strip(" .(:").casefold() in _FEATURING:
            role = "featured"
        elif join == "/":
            role = "primary"
    if credited and credited[-1].join_phrase:
        last = credited[-1]
        credited[-1] = Credit(artist=last.artist, role=last.role, credited_as=last.credited_as)
    return credited[:_MAX_CREDITS]


def _credited_as(said: Mapping[str, str], ref: Ref) -> str | None:
    variation = without_number(said.get("anv", ""))
    return variation if variation and variation != ref.name else None


def _phrase(join: str) -> str | None:
    """The join with its spaces: "," is ", ", "&" is " & "."""
    if not join:
        return None
    return (f"{join} " if join[0] in ",;:\u3001" else f" {join} ")[:_MAX_JOIN]


def roles(text: str) -> list[Role]:
    """The roles of a text such as "Remix [Additional], Producer, Engineer" that we keep."""
    plain = _BRACKETED.sub("", text)
    found = (_ROLES.get(part.strip().casefold()) for part in plain.split(","))
    return list(dict.fromkeys(role for role in found if role))


def extra_credits(artists: Iterable[etree._Element]) -> Iterator[tuple[Credit, str]]:
    """(credit, its `tracks` text) of an <extraartists> list, one for each role."""
    for element in artists:
        said = children(element)
        kept = roles(said.get("role", ""))
        ref = artist_ref(said) if kept else None
        if ref is not None:
            for role in kept:
                yield Credit(artist=ref, role=role, credited_as=_credited_as(said, ref)), said.get("tracks", "")


def merged_credits(own: Sequence[Credit], extra: Iterable[Credit]) -> tuple[Credit, ...]:
    """Own credits first; an artist who is there as primary or featured is not listed as a performer again."""
    front = {credit.artist.id for credit in own}
    seen = {(credit.artist.id, credit.role) for credit in own}
    credited = list(own)
    for credit in extra:
        key = (credit.artist.id, credit.role)
        if key in seen or (credit.role in ("featured", "performer") and credit.artist.id in front):
            continue
        seen.add(key)
        credited.append(credit)
    return tuple(credited[:_MAX_CREDITS])


def tracks_in_range(text: str, positions: Sequence[str]) -> set[int] | None:
    """Indexes into `positions` that a text such as "1 to 4, 6" or "A1, B" names; None if none of it is understood."""
    exact = {_plain(position): index for index, position in reversed(list(enumerate(positions))) if position}
    found: set[int] = set()
    for part in re.split(r"[,;&]", _TRACKS.sub("", text)):
        token = part.strip()
        if not token:
            continue
        if _plain(token) in exact:
            found.add(exact[_plain(token)])
            continue
        ends = _RANGE.fullmatch(token) or _tight_range(token, exact)
        if ends:
            first, last = exact.get(_plain(ends[1])), exact.get(_plain(ends[2]))
            if first is not None and last is not None and first <= last:
                found.update(range(first, last + 1))
        elif _SIDE.fullmatch(token):
            side = _plain(token)
            found.update(
                index
                for index, position in enumerate(positions)
                if _plain(position).startswith(side) and _plain(position)[len(side) :].lstrip(".-").isdecimal()
            )
    return found or None


def _tight_range(token: str, exact: dict[str, int]) -> tuple[str, str, str] | None:
    """The two ends of "A1-A3": the dash at which both sides are positions."""
    for dash in (index for index, character in enumerate(token) if character == "-"):
        if _plain(token[:dash]) in exact and _plain(token[dash + 1 :]) in exact:
            return token, token[:dash], token[dash + 1 :]
    if match := _SHORT_RANGE.fullmatch(token):
        return token, match[1] + match[2], match[1] + match[3]
    return None


def _plain(position: str) -> str:
    """A position in upper case and without leading zeros: "01" is "1", "a-02" is "A-2"."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", position.strip().upper())
