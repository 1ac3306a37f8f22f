"""The schedule as sound: any stretch of it, as samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sonograph.catalog.records import ArtistRecord, TrackRecord
from sonograph.catalog.sandbox import records
from sonograph.monitoring.station.schedule import Item, Kind, items, track_keys
from sonograph.monitoring.station.sounds import jingle, talk
from sonograph.recognition.sandbox.synthesis import RATE, play
from sonograph.recognition.sandbox.tunes import tracks, tunes

NAME: Final = "Sonograph sandbox station"
KEPT: Final = 2  # songs: this one and the one before, 4 MB each
FADE: Final = RATE // 2  # at a song's end, which is cut off


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound of one thing on air; `title` as stations say it."""

    samples: NDArray[np.int16]  # mono, RATE
    title: str


class Programme:
    """Making one costs 0.6 s of CPU, and each song 0.4 s when it begins. Not for several threads at once."""

    def __init__(self) -> None:
        self._tunes = {tune.track: tune for tune in tunes()}
        self._titles = titles()
        self._talk, self._jingle = talk(), jingle()
        self._songs: dict[str, NDArray[np.int16]] = {}

    def pieces(self, first: int, last: int) -> Iterator[Piece]:
        """What is on air in [first, last), counted in samples since the unix epoch: a piece for each thing on air."""
        for item in items(first / RATE, last / RATE):
            start = int(item.started_at) * RATE
            since, until = max(first, start), min(last, int(item.ends_at) * RATE)
            if since < until:
                yield Piece(self._sound(item, since - start, until - start), self._title(item))

    def _sound(self, item: Item, since: int, until: int) -> NDArray[np.int16]:
        if item.track_key is not None:
            return self._song(item.track_key, int(item.ends_at - item.started_at))[since:until]
        if item.kind is Kind.SILENCE:
            return np.zeros(until - since, np.int16)
        if item.kind is Kind.JINGLE:
            return self._jingle[since:until]
        start = int(item.started_at) * RATE + since  # the voice goes on where it was
        return self._talk[np.arange(start, start + until - since) % len(self._talk)]

    def _song(self, key: str, seconds: int) -> NDArray[np.int16]:
        if key not in self._songs:
            if len(self._songs) == KEPT:
                del self._songs[next(iter(self._songs))]
            samples = play(self._tunes[key], seconds)
            samples[-FADE:] = samples[-FADE:] * np.linspace(1, 0, FADE)
            self._songs[key] = samples
        return self._songs[key]

    def _title(self, item: Item) -> str:
        return self._titles[item.track_key] if item.track_key is not None else NAME


def titles() -> dict[str, str]:
    """What players show of each song, by its key: "Artist, Artist - Title"."""
    wanted = set(track_keys())
    names = {record.id: record.name for record in records() if isinstance(record, ArtistRecord)}
    return {track.id: _title_of(track, names) for track in tracks() if track.id in wanted}


def _title_of(track: TrackRecord, names: dict[str, str]) -> str:
    who = ", ".join(
        credit.artist.name or names[credit.artist.id] for credit in track.artists if credit.role == "primary"
    )
    return f"{who} - {track.title}"
