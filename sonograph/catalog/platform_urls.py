"""Ids of recordings as people paste them: the id itself, a URI, or the address of a page."""

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, urlsplit

from sonograph.catalog.platform_ids import parse_platform_id
from sonograph.catalog.vocabulary import Platform

MAX_TEXT = 500  # characters; the longest address of a page that we know has 200

_DISCOGS = re.compile(r"(?:\[r([0-9]+)\]|r?([0-9]+))\s*-\s*(.+)", re.IGNORECASE)
_LOCALE = re.compile(r"[a-z]{2}(-[a-z]{2,4})?|intl-[a-z]{2}")


def parse_reference(platform: Platform, text: str) -> str | None:
    """The platform's id of a recording in canonical form; None for what names none.

    Pages of albums, artists and the like name no recording. Short links are not followed.
    """
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        return None
    if platform is Platform.DISCOGS:
        text = _discogs(text)
    elif platform is not Platform.MUSICBRAINZ and (":" in text or "/" in text):
        found = _from_uri(platform, text) or _from_address(platform, text)
        if found is None:
            return None
        text = found
    return parse_platform_id(platform, text)


def spellings(platform: Platform, external_id: str) -> tuple[str, ...]:
    """The id, and how else it may be stored: Discogs' positions come in either case, nearly all of them in capitals."""
    if platform is Platform.DISCOGS and external_id != external_id.upper():
        return external_id, external_id.upper()
    return (external_id,)


def _discogs(text: str) -> str:
    """`r2844-A-1` and `[r2844] - A-1` as Discogs' own pages write a release, with the position of a track behind it."""
    match = _DISCOGS.fullmatch(text)
    return f"{match[1] or match[2]}-{match[3]}" if match else text


def _from_uri(platform: Platform, text: str) -> str | None:
    scheme, _, rest = text.partition(":")
    kind, _, found = rest.lstrip("/").replace("/", ":").partition(":")
    if (platform, scheme.lower()) in ((Platform.SPOTIFY, "spotify"), (Platform.TIDAL, "tidal")) and kind == "track":
        return found.partition("?")[0]
    return None


def _from_address(platform: Platform, text: str) -> str | None:
    if "://" not in text:
        text = f"https://{text.removeprefix('//')}"
    try:
        address = urlsplit(text)
        host = (address.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    read = _READERS.get((platform, host))
    segments = [segment for segment in address.path.split("/") if segment]
    if segments and _LOCALE.fullmatch(segments[0]):
        segments = segments[1:]
    return read(address, segments) if read else None


def _after(word: str, *, last: bool = False) -> Callable[[SplitResult, list[str]], str | None]:
    """The segment behind a word (or the last one behind it, where a name stands between)."""

    def read(_: SplitResult, segments: list[str]) -> str | None:
        if word not in segments[:-1]:
            return None
        return segments[-1] if last else segments[segments.index(word) + 1]

    return read


def _apple(address: SplitResult, segments: list[str]) -> str | None:
    """`?i=` names a song on the page of its album; a song's own page ends in its id."""
    chosen = parse_qs(address.query).get("i")
    if chosen:
        return chosen[0]
    return segments[-1] if "song" in segments[:-1] else None


def _youtube(address: SplitResult, segments: list[str]) -> str | None:
    watched = parse_qs(address.query).get("v")
    if watched:
        return watched[0]
    if len(segments) > 1 and segments[0] in ("shorts", "embed", "v", "live"):
        return segments[1]
    return None


def _first(_: SplitResult, segments: list[str]) -> str | None:
    return segments[0] if segments else None


_READERS: dict[tuple[Platform, str], Callable[[SplitResult, list[str]], str | None]] = {
    **{(Platform.SPOTIFY, host): _after("track") for host in ("open.spotify.com", "play.spotify.com")},
    **{
        (Platform.APPLE_MUSIC, host): _apple
        for host in ("music.apple.com", "geo.music.apple.com", "embed.music.apple.com", "itunes.apple.com")
    },
    **{
        (Platform.TIDAL, host): _after("track")
        for host in ("tidal.com", "listen.tidal.com", "desktop.tidal.com", "embed.tidal.com", "store.tidal.com")
    },
    (Platform.BEATPORT, "beatport.com"): _after("track", last=True),
    (Platform.BEATPORT, "pro.beatport.com"): _after("track", last=True),
    (Platform.YOUTUBE, "youtu.be"): _first,
    **{
        (Platform.YOUTUBE, host): _youtube
        for host in ("youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com")
    },
}
