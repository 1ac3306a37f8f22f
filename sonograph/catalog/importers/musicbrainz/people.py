"""The artist and label files."""

import re
from collections.abc import Iterable

from sonograph.catalog.importers.discogs.people import social_links
from sonograph.catalog.importers.musicbrainz.countries import country_name
from sonograph.catalog.importers.musicbrainz.credits import named_ref, named_text
from sonograph.catalog.importers.musicbrainz.documents import Alias, Artist, Label
from sonograph.catalog.importers.musicbrainz.links import same_on_discogs
from sonograph.catalog.records import ArtistRecord, LabelRecord

_MAX_ALIASES = 500  # each is a row of the name search
_MAX_DATE = 20
_FORMED = frozenset(("Group", "Orchestra", "Choir"))  # the life span of a person begins with their birth
_WIKIDATA = re.compile(r"wikidata\.org/(?:wiki|entity)/(Q[1-9][0-9]{0,15})(?![0-9])")


def artist_record(artist: Artist) -> ArtistRecord | None:
    """None without an id or a name."""
    ref = named_ref(artist)
    if ref is None or ref.name is None:
        return None
    urls = [r.url.resource for r in artist.relations or () if r.url is not None and r.url.resource and not r.ended]
    formed = artist.life_span.begin if artist.life_span and artist.type in _FORMED else None
    return ArtistRecord(
        id=ref.id,
        name=ref.name,
        aliases=_aliases(ref.name, artist.aliases or ()),
        country=country_name(artist.country),
        formation_date=(formed or "")[:_MAX_DATE] or None,
        social_links=social_links(urls) or None,
        wikidata_id=next((found[1] for url in urls if (found := _WIKIDATA.search(url))), None),
        musicbrainz_id=ref.id,
        same_as=same_on_discogs("artist", artist.relations or ()),
    )


def label_record(label: Label) -> LabelRecord | None:
    """None without an id or a name."""
    ref = named_ref(label)
    if ref is None or ref.name is None:
        return None
    return LabelRecord(
        id=ref.id,
        name=ref.name,
        aliases=_aliases(ref.name, label.aliases or ()),
        same_as=same_on_discogs("label", label.relations or ()),
    )


def _aliases(name: str, aliases: Iterable[Alias]) -> tuple[str, ...]:
    """Other names, those in other scripts and misspellings included: all are what people search by."""
    texts = (named_text(alias.name) for alias in aliases)
    return tuple(dict.fromkeys(text for text in texts if text and text != name))[:_MAX_ALIASES]
