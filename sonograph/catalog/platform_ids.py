"""Ids by which platforms know a recording: what is no such id is told apart before it becomes a dead link."""

import re

from sonograph.catalog.codes import parse_mbid
from sonograph.catalog.vocabulary import Platform

_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_PATTERNS = {
    Platform.SPOTIFY: re.compile(r"[0-9A-Za-z]{22}"),
    Platform.APPLE_MUSIC: _NUMBER,
    Platform.TIDAL: _NUMBER,
    Platform.BEATPORT: _NUMBER,
    # Release id and position, which is free text; a bare release id names no track.
    Platform.DISCOGS: re.compile(r"[1-9][0-9]{0,18}-\S(?:.{0,98}\S)?"),
    Platform.YOUTUBE: re.compile(r"[0-9A-Za-z_-]{11}"),
}


def parse_platform_id(platform: Platform, text: str) -> str | None:
    """The id in canonical form, None for what cannot be one."""
    text = text.strip()
    if platform is Platform.MUSICBRAINZ:
        return parse_mbid(text, "recording", "track")  # as MusicBrainz and ListenBrainz call it
    return text if _PATTERNS[platform].fullmatch(text) else None
