"""Ids of other platforms and sources in URL relations."""

import re
from collections.abc import Iterable

from sonograph.catalog.importers.discogs.masters import group_of_master
from sonograph.catalog.importers.musicbrainz.documents import Relation, UrlRelation
from sonograph.catalog.platform_urls import parse_reference
from sonograph.catalog.records import Link, Same, Source
from sonograph.catalog.vocabulary import Platform

# Ends of host names; which hosts of a platform have pages of recordings, `platform_urls` knows.
_PLATFORMS: dict[str, tuple[Platform, Source]] = {
    "spotify.com": (Platform.SPOTIFY, "spotify"),
    "apple.com": (Platform.APPLE_MUSIC, "applemusic"),
    "tidal.com": (Platform.TIDAL, "tidal"),
    "beatport.com": (Platform.BEATPORT, "beatport"),
    "youtube.com": (Platform.YOUTUBE, "youtube"),
    "youtu.be": (Platform.YOUTUBE, "youtube"),
}
# The number may be followed by a name. Old addresses of artists have a name alone, which is no id.
_DISCOGS = re.compile(
    r"https?://(?:[\w-]+\.)?discogs\.com/(?:[a-z]{2}(?:_[A-Z]{2})?/)?(artist|label|master|release)/(\d{1,19})(?![\d])"
)


def same_on_discogs(kind: str, relations: Iterable[UrlRelation]) -> tuple[Same, ...]:
    """Pages of Discogs about the same artist, label, master or release (`kind`), without those that have ended."""
    found = dict[str, Same]()
    for relation in relations:
        page = _DISCOGS.match((relation.url and relation.url.resource) or "")
        if page and page[1] == kind and not relation.ended:
            source_id = group_of_master(page[2]) if kind == "master" else page[2]
            found[source_id] = Same(source="discogs", id=source_id)
    return tuple(found.values())


def recording_links(relations: Iterable[Relation]) -> Iterable[Link]:
    """Links to platforms that we know. Those that have ended lead nowhere any more."""
    for relation in relations:
        if relation.url is not None and not relation.ended and (link := platform_link(relation.url.resource or "")):
            yield link


def platform_link(url: str) -> Link | None:
    """None for a page of another platform, or of something else than a recording."""
    host = url.partition("://")[2].partition("/")[0].lower()
    platform, source = _PLATFORMS.get(".".join(host.rsplit(".", 2)[-2:]), (None, None))
    if platform is None or source is None:
        return None
    found = parse_reference(platform, url)
    return Link(source=source, id=found) if found else None
