"""What a file says of itself: tags of ID3, Vorbis comments, MP4, RIFF and others, in one form.

tinytag reads them, and FFmpeg fills in what it lacks. Names are those of MusicBrainz Picard.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Never

import av
import av.error
from msgspec import Struct, structs
from tinytag import TinyTag, TinyTagException

from sonograph.catalog.codes import parse_isrc, parse_mbid
from sonograph.catalog.folding import fold
from sonograph.recognition.audio.decode import CONTAINERS

MOST = 500  # characters of a text
IN_NAME = 0.5  # share of a title's words that must be in a file's name, to be the one of several
_RECORDING = re.compile(r"https?://musicbrainz\.org\0+(?P<id>[0-9a-f-]{36})\0*", re.IGNORECASE)
_NAMED = re.compile(r"(?P<artist>.+?)\s+[-–—]\s+(?P<title>.+)")  # noqa: RUF001  (dashes as people write them)
_NUMBER = re.compile(r"(\d{1,4})")
_LEADING = re.compile(r"^\d{1,3}([.\-_ ]+|$)")  # the number of a track in front of its name
_YEAR = re.compile(r"(1[89]|20)\d\d")
_UNKNOWN = {"", "unknown", "unknown artist", "unknown title", "untitled", "track", "va?", "<unknown>"}
_DATE = re.compile(r"(?:1[89]|20)\d\d(-\d\d){0,2}")


class Tags(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Texts are stripped and not empty, codes are valid."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    album_artist: str | None = None
    track: int | None = None
    disc: int | None = None
    date: str | None = None  # 2001-03-12, 2001-03 or 2001
    isrcs: tuple[str, ...] = ()
    recording: str | None = None  # MusicBrainz id of the recording
    artist_id: str | None = None  # MusicBrainz id of the artist, where it is one
    acoustid: str | None = None
    titles: int = 1  # different ones, none of which the file's name tells
    by_name: bool = False  # artist and title were taken from the file's name

    @property
    def usable(self) -> bool:
        """Whether it says what recording this is."""
        return bool((self.title and self.artist) or self.recording or self.isrcs)


def read_tags(path: Path) -> Tags:
    """The tags of a file, with artist and title from its name ("Artist - Title") where they say neither.

    Raises OSError for a file that cannot be read; whatever else is wrong with tags, they are as if they were not there.
    """
    found: dict[str, list[str]] = {}
    for said in (_tinytag(path), _ffmpeg(path)):
        for name, values in said.items():
            if name == "title" and found.get(name):
                continue  # FFmpeg joins several by semicolons, which may as well stand in one
            found.setdefault(name, []).extend(value for value in values if value not in found.get(name, ()))
    titles, found["title"] = _titles(found.get("title", []), path)
    return _named(structs.replace(_tags(found), titles=titles), path)


def _titles(said: list[str], path: Path) -> tuple[int, list[str]]:
    """Of several titles first the one that is most in the file's name; and how many there are if none is."""
    titles = [title for title in dict.fromkeys(said) if title]
    if not titles[1:]:
        return 1, said
    words = set(fold(path.stem).split())

    def told(title: str) -> float:
        own = set(fold(title).split())
        return len(own & words) / max(1, len(own))

    best = max(titles, key=told)  # of equal ones the first
    if told(best) < IN_NAME:
        return len(titles), titles
    return 1, [best, *titles]


def _tinytag(path: Path) -> dict[str, list[str]]:
    try:
        said = TinyTag.get(path, duration=False).as_dict()
    except (TinyTagException, ValueError, OverflowError, RecursionError, MemoryError):
        return {}
    return _plain((name, values if isinstance(values, list) else [str(values)]) for name, values in said.items())


def _ffmpeg(path: Path) -> dict[str, list[str]]:
    with path.open("rb") as file:
        try:
            options = {"format_whitelist": CONTAINERS}
            with av.open(file, "r", metadata_errors="replace", options=options, io_open=_refuse) as container:
                said = [container.metadata, *(one.metadata for one in container.streams if one.type == "audio")]
                return _plain((name, [value]) for one in said for name, value in one.items())
        except (av.error.FFmpegError, ValueError, OSError):  # OSError: of an empty file, which it cannot seek in
            return {}


def _refuse(*_: object) -> Never:
    raise PermissionError("a container wants to open something else")


def _plain(said: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    """Names in lower case without blanks and underscores ("MusicBrainz Track Id", "MUSICBRAINZ_TRACKID")."""
    found: dict[str, list[str]] = {}
    for name, values in said:
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        found.setdefault(plain, []).extend(value[:MOST].strip() for value in values)
    return found


def _tags(said: Mapping[str, list[str]]) -> Tags:
    def text(*names: str) -> str | None:
        texts = (" ".join(value.replace("\0", " ").split()) for name in names for value in said.get(name, ()))
        return next((one for one in texts if one.lower() not in _UNKNOWN and _storable(one)), None)

    def number(*names: str) -> int | None:
        match = _NUMBER.match(text(*names) or "")
        return int(match[1]) or None if match else None

    ids = (match["id"] for value in said.get("ufid", ()) if (match := _RECORDING.fullmatch(value)))
    recording = next((mbid for one in (*ids, *said.get("musicbrainztrackid", ())) if (mbid := parse_mbid(one))), None)
    artists = [mbid for one in said.get("musicbrainzartistid", ()) if (mbid := parse_mbid(one))]
    codes = (
        parse_isrc(part)
        for name in ("isrc", "tsrc")
        for value in said.get(name, ())
        for part in re.split(r"[;,/\0]", value)
    )
    date = _DATE.match(text("originaldate", "date", "year", "originalyear", "tdor") or "")
    return Tags(
        title=text("title"),
        artist=text("artist") or text("albumartist"),
        album=text("album"),
        album_artist=text("albumartist"),
        track=number("track", "tracknumber"),
        disc=number("disc", "discnumber"),
        date=date[0] if date else None,
        isrcs=tuple(dict.fromkeys(code for code in codes if code)),
        recording=recording,
        artist_id=artists[0] if len(set(artists)) == 1 else None,
        acoustid=next((mbid for one in said.get("acoustidid", ()) if (mbid := parse_mbid(one))), None),
    )


def _storable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _named(tags: Tags, path: Path) -> Tags:
    """With artist and title of the file's name where the tags do not have both."""
    if tags.title and tags.artist:
        return tags
    stem = " ".join(_LEADING.sub("", path.stem.replace("_", " ")).split())[:MOST]
    match = _NAMED.fullmatch(stem)
    if not match or not _storable(stem):
        return tags
    return _with(tags, tags.artist or match["artist"], tags.title or match["title"])


def titled(tags: Tags, path: Path) -> Tags:
    """With the file's name as its title, and its folder's as its artist, where nothing else is known."""
    stem = " ".join(path.stem.replace("_", " ").split())[:MOST]
    folder = " ".join(path.parent.name.replace("_", " ").split())[:MOST] or "Unknown"
    if not _storable(stem + folder):
        stem, folder = ascii(stem), ascii(folder)
    return _with(tags, tags.artist or folder, tags.title or stem)


def _with(tags: Tags, artist: str, title: str) -> Tags:
    return Tags(
        title=title, artist=artist, album=tags.album, album_artist=tags.album_artist, track=tags.track, disc=tags.disc,
        date=tags.date, isrcs=tags.isrcs, recording=tags.recording, artist_id=tags.artist_id, acoustid=tags.acoustid,
        titles=tags.titles, by_name=True,
    )  # fmt: skip
