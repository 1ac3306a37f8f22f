"""Videos of a release as links of its tracks: by title and duration, and only where there is no doubt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from sonograph.catalog.importers.discogs.text import child_text
from sonograph.catalog.names import fold, title_parts

_ID = re.compile(r"(?:[?&]v=|youtu\.be/|/embed/)([0-9A-Za-z_-]{11})(?![0-9A-Za-z_-])")
_TOLERANCE_S = 10
# Words of video titles that say nothing about which recording it is.
_FILLER = frozenset(
    (
        "official", "officiel", "video", "videoclip", "clip", "music", "audio", "song", "lyric", "lyrics", "hd",
        "hq", "4k", "full", "original", "version", "mix", "the", "a", "and", "feat", "ft", "featuring", "vs", "with",
        "by", "from", "on", "of", "in", "album", "single", "ep", "lp", "cd", "vinyl", "inch", "7", "12", "12in",
        "7in", "rip", "record", "records", "rec", "recordings", "label", "released", "release", "remastered",
        "remaster", "stereo", "mono", "classic", "topic", "vevo", "track", "side",
    )
)  # fmt: skip
# Words that make another recording of it, outside of brackets too.
_OTHER_VERSION = frozenset(
    ("live", "remix", "rmx", "edit", "dub", "acoustic", "instrumental", "cover", "karaoke", "demo", "session",
     "concert", "festival", "tour", "medley", "megamix", "mashup", "bootleg", "rework", "reprise", "rehearsal",
     "tutorial", "lesson")
)  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d|\d0s")
_MIN_TELLING = 6  # letters of a title that is believed with other words around it


@dataclass(frozen=True, slots=True)
class Video:
    youtube_id: str
    words: tuple[str, ...]
    version: str
    duration: int | None


@dataclass(frozen=True, slots=True)
class Sought:
    """A track that may have a video."""

    title: str
    artists: tuple[str, ...]
    duration: int | None


def read_videos(elements: Sequence[etree._Element]) -> list[Video]:
    """The YouTube videos of a release, each once."""
    found: dict[str, Video] = {}
    for element in elements:
        match = _ID.search(element.get("src") or "")
        title = child_text(element, "title")
        if match and title and match[1] not in found:
            seconds = element.get("duration") or ""
            duration = int(seconds) if seconds.isdecimal() and len(seconds) < len("1000000") else 0
            found[match[1]] = Video(match[1], tuple(fold(title).split()), title_parts(title).version, duration or None)
    return list(found.values())


def match_videos(videos: Sequence[Video], tracks: Sequence[Sought], known_words: frozenset[str]) -> dict[int, str]:
    """YouTube ids by index of the track. `known_words` are those of the release: its title, artists and labels.

    A video belongs to the track whose title stands in the video's, with the same version, where the durations agree
    within 10 s if both are known. What else stands in its title must say nothing, unless both durations are known. Of
    several titles the longest counts ("Sun" stands in "Sun Down" too); a video that still fits two tracks fits none.
    """
    titles = [(tuple(fold(track.title).split()), title_parts(track.title).version) for track in tracks]
    fits: dict[int, list[tuple[int, int, str]]] = {}
    for order, video in enumerate(videos):
        candidates = [
            (len(words), index)
            for index, (words, version) in enumerate(titles)
            if _fits(video, tracks[index], words, version, known_words)
        ]
        longest = max((length for length, _ in candidates), default=0)
        chosen = [index for length, index in candidates if length == longest]
        chosen = _nearest(video, tracks, chosen)
        if len(chosen) == 1:
            index = chosen[0]
            fits.setdefault(index, []).append((_apart(video, tracks[index]) or 0, order, video.youtube_id))
    return {index: min(found)[2] for index, found in fits.items()}


def _fits(video: Video, track: Sought, title: tuple[str, ...], version: str, known_words: frozenset[str]) -> bool:
    apart = _apart(video, track)
    if not title or not _contains(video.words, title) or (apart is not None and apart > _TOLERANCE_S):
        return False
    if video.version != version:
        return False
    names = {word for name in track.artists for word in fold(name).split()}
    left = [
        word
        for word in _without(video.words, title)
        if word not in names and word not in known_words and word not in _FILLER and not _YEAR.fullmatch(word)
    ]
    if not left:
        return True
    return apart is not None and _OTHER_VERSION.isdisjoint(left) and (len(title) > 1 or len(title[0]) >= _MIN_TELLING)


def _apart(video: Video, track: Sought) -> int | None:
    return abs(video.duration - track.duration) if video.duration and track.duration else None


def _nearest(video: Video, tracks: Sequence[Sought], chosen: list[int]) -> list[int]:
    """Of tracks with one title, the one whose duration is nearest, if durations tell."""
    apart = [_apart(video, tracks[index]) for index in chosen]
    if len(chosen) < 2 or None in apart:  # noqa: PLR2004  # nothing to choose from
        return chosen
    best = min(a for a in apart if a is not None)
    return [index for index, a in zip(chosen, apart, strict=True) if a == best]


def _contains(words: Sequence[str], title: Sequence[str]) -> bool:
    return any(tuple(words[n : n + len(title)]) == tuple(title) for n in range(len(words) - len(title) + 1))


def _without(words: Sequence[str], title: Sequence[str]) -> list[str]:
    """The words around the first place where the title stands."""
    for n in range(len(words) - len(title) + 1):
        if tuple(words[n : n + len(title)]) == tuple(title):
            return [*words[:n], *words[n + len(title) :]]
    return list(words)
