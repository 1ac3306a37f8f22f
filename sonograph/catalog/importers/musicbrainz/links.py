"""Platform ids of recordings in their URL relations."""

from collections.abc import Iterable

from sonograph.catalog.importers.musicbrainz.documents import Relation
from sonograph.catalog.platform_urls import parse_reference
from sonograph.catalog.records import Link, Source
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
