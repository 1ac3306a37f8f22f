"""Artists of recordings and releases: artist credits with their join phrases, and the relations that name roles."""

import re
from collections.abc import Iterable, Sequence

from sonograph.catalog.importers.musicbrainz.documents import ArtistCredit, Named, Relation
from sonograph.catalog.records import Credit, Ref, Role

MAX_NAME = 1000
MAX_TEXT = 1000
_MAX_CREDITS = 100
_FEATURING = re.compile(r"\b(?:feat|ft|featuring|starring|guests?)\b|(?<!\w)f[./]", re.IGNORECASE)
# Relations of recordings to artists. Players, engineers and so on are left out, as with Discogs: our roles are those
# that people look recordings up by.
_ROLES: dict[str, Role] = {
    "remixer": "remixer",
    "producer": "producer",
    "conductor": "conductor",
    "performer": "performer",
    "vocal": "performer",
    "performing orchestra": "performer",
    "composer": "composer",
    "writer": "composer",
}
_WORK_ROLES = frozenset(("composer", "writer"))


def named_ref(named: Named | None) -> Ref | None:
    """None for an artist or label without an id or a name."""
    name = named_text(named.name) if named else ""
    return Ref(id=named.id, name=name) if named and named.id and name else None


def named_text(text: str | None) -> str:
    """A name or title as records may hold it; "" for one of spaces alone."""
    return text[:MAX_NAME] if text and not text.isspace() else ""


def artist_credits(credit: Sequence[ArtistCredit]) -> list[Credit]:
    """The parts of an artist credit; those behind a "feat." are featured."""
    found: list[Credit] = []
    role: Role = "primary"
    last = len(credit) - 1
    for number, part in enumerate(credit):
        ref = named_ref(part.artist)
        join = part.joinphrase or ""
        if ref is not None:
            credited_as = named_text(part.name)
            found.append(
                Credit(
                    artist=ref,
                    role=role,
                    credited_as=credited_as if credited_as and credited_as != ref.name else None,
                    join_phrase=join[:MAX_TEXT] if join and number != last else None,
                )
            )
        if join and _FEATURING.search(join):
            role = "featured"
    return found


def with_roles(front: list[Credit], relations: Iterable[Relation]) -> tuple[Credit, ...]:
    """The credit, then who is related to the recording or its works in a role that we keep.

    Who is credited is not listed as a performer again.
    """
    credited = {credit.artist.id for credit in front}
    seen: set[tuple[str, str]] = {(credit.artist.id, credit.role) for credit in front}
    found = list(front)
    for role, artist, credited_as in _related(relations):
        ref = named_ref(artist)
        if ref is None or (role == "performer" and ref.id in credited) or (ref.id, role) in seen:
            continue
        seen.add((ref.id, role))
        name = named_text(credited_as)
        found.append(Credit(artist=ref, role=role, credited_as=name if name and name != ref.name else None))
    return tuple(found[:_MAX_CREDITS])


def _related(relations: Iterable[Relation]) -> Iterable[tuple[Role, Named, str | None]]:
    for relation in relations:
        if relation.artist is not None:
            role = _ROLES.get(relation.type or "")
            if role:
                yield role, relation.artist, relation.target_credit
        elif relation.work is not None:
            for part in relation.work.relations or ():
                if part.artist is not None and part.type in _WORK_ROLES:
                    yield "composer", part.artist, part.target_credit
