"""What a track is found by, worked out of its title and the names of its artists.

A process that reads a file works keys out ahead for the one that writes. They are taken only for the very same names
and title, so it does not matter how good its guess of the names was.
"""

from collections.abc import Iterable, Sequence

import msgspec

from sonograph.catalog.names import match_keys, search_text, title_key
from sonograph.catalog.titles import title_forms
from sonograph.catalog.typos import title_signature


class TrackKeys(msgspec.Struct, frozen=True, gc=False, array_like=True):
    title_key: str
    search_text: str
    signature: int  # see recording_signature
    match_keys: tuple[int, ...]


class Foreseen(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Keys that a record will need if its artists are known by these names."""

    names: tuple[str, ...]
    title: str
    keys: TrackKeys


_foreseen: dict[tuple[tuple[str, ...], str], TrackKeys] = {}


def track_keys(names: Sequence[str], title: str) -> TrackKeys:
    """Keys of a track with this title, whose artists are searched by these names."""
    return _foreseen.get((tuple(names), title)) or worked_out(names, title)


def worked_out(names: Sequence[str], title: str) -> TrackKeys:
    """The same without what was foreseen."""
    return TrackKeys(
        title_key(title), search_text(names, title), recording_signature(title), tuple(sorted(match_keys(names, title)))
    )


def recording_signature(title: str) -> int:
    """The signature that `track_artist` holds: of the title without weak versions."""
    return title_signature(title_forms(title).recording)


def take_foreseen(foreseen: Iterable[Foreseen]) -> None:
    """Use these for the next tracks, and forget those before."""
    _foreseen.clear()
    _foreseen.update(((keys.names, keys.title), keys.keys) for keys in foreseen)
