"""The artists and labels files."""

import re
from urllib.parse import urlsplit

from lxml import etree

from sonograph.catalog.codes import parse_mbid
from sonograph.catalog.importers.discogs.text import MAX_NAME, child_text, without_number
from sonograph.catalog.records import ArtistRecord, LabelRecord

_MAX_ALIASES = 500  # Bach has more; each is a row of the name search
_MAX_URL = 500
_WIKIDATA = re.compile(r"wikidata\.org/(?:wiki|entity)/(Q[1-9][0-9]{0,15})(?![0-9])", re.IGNORECASE)
_MUSICBRAINZ = re.compile(r"musicbrainz\.org/artist/([0-9a-f-]{36})", re.IGNORECASE)
# Platforms by the end of the host's name. Where the path is a single name, that is the handle.
_PLATFORMS = {
    "facebook.com": "facebook", "twitter.com": "twitter", "x.com": "twitter", "instagram.com": "instagram",
    "soundcloud.com": "soundcloud", "youtube.com": "youtube", "bandcamp.com": "bandcamp", "myspace.com": "myspace",
    "mixcloud.com": "mixcloud", "vimeo.com": "vimeo", "tiktok.com": "tiktok", "twitch.tv": "twitch",
    "spotify.com": "spotify", "apple.com": "applemusic", "beatport.com": "beatport", "deezer.com": "deezer",
    "tidal.com": "tidal", "last.fm": "lastfm", "residentadvisor.net": "residentadvisor", "ra.co": "residentadvisor",
    "songkick.com": "songkick", "wikipedia.org": "wikipedia", "imdb.com": "imdb", "allmusic.com": "allmusic",
}  # fmt: skip
_HANDLES = frozenset(
    ("facebook", "twitter", "instagram", "soundcloud", "myspace", "mixcloud", "tiktok", "twitch", "bandcamp")
)
_HANDLE = re.compile(r"@?([\w.-]{1,100})")
_OTHERS = ("wikidata.org", "musicbrainz.org", "discogs.com", "bookogs.com", "whosampled.com", "archive.org")


def read_artist(element: etree._Element) -> ArtistRecord:
    """An artist. Other spellings are its aliases; Discogs's own "aliases" are artists with records of their own."""
    urls = [(url.text or "").strip() for url in element.iterfind("urls/url")]
    return ArtistRecord(
        id=child_text(element, "id"),
        name=without_number(child_text(element, "name")),
        aliases=_variations(element, child_text(element, "name")),
        social_links=social_links(urls) or None,
        wikidata_id=next((found[1].upper() for url in urls if (found := _WIKIDATA.search(url))), None),
        musicbrainz_id=next(
            (mbid for url in urls if (found := _MUSICBRAINZ.search(url)) and (mbid := parse_mbid(found[1]))), None
        ),
    )


def read_label(element: etree._Element) -> LabelRecord:
    name = child_text(element, "name")
    return LabelRecord(id=child_text(element, "id"), name=without_number(name), aliases=())


def _variations(element: etree._Element, name: str) -> tuple[str, ...]:
    texts = ((variation.text or "").strip()[:MAX_NAME] for variation in element.iterfind("namevariations/name"))
    return tuple(dict.fromkeys(text for text in texts if text and text != name))[:_MAX_ALIASES]


def social_links(urls: list[str]) -> dict[str, str]:
    """{platform: handle or URL}, the first of each platform; the first of no known platform is the `website`."""
    links: dict[str, str] = {}
    for url in urls:
        if not url or len(url) > _MAX_URL:
            continue
        try:
            parts = urlsplit(url if "//" in url else f"http://{url}")
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:  # an unclosed bracket in the host
            continue
        if "." not in host or any(_is_under(host, other) for other in _OTHERS):
            continue
        platform = next((name for end, name in _PLATFORMS.items() if _is_under(host, end)), "website")
        links.setdefault(platform, _handle(platform, host, parts.path) or url)
    return links


def _is_under(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _handle(platform: str, host: str, path: str) -> str | None:
    if platform == "bandcamp":
        return host.removesuffix(".bandcamp.com") if host.endswith(".bandcamp.com") else None
    match = _HANDLE.fullmatch(path.strip("/")) if platform in _HANDLES else None
    return match[1] if match and not path.endswith(".php") else None
