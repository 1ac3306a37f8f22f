"""Which tracks of the sandbox have audio, and what is played: facts of the catalog, and choices that never change."""

from collections.abc import Iterator
from dataclasses import dataclass

from sonograph.catalog.keys import find_key, tonic_of
from sonograph.catalog.records import ReleaseRecord, TrackRecord
from sonograph.catalog.sandbox import records
from sonograph.catalog.sandbox.draw import Draw
from sonograph.errors import SonographError

SONGS = 36
AN_ARTIST_HAS = 2  # songs at most, so that many artists have one
SLOWEST = 70  # BPM: slower songs are played in double time
BARS = 72  # 90 s at 190 BPM
STEPS = 16  # of a bar

# Degrees of the scale on which chords stand, a bar each.
_PROGRESSIONS = (
    (0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 0, 4), (0, 2, 3, 4), (0, 6, 5, 4), (3, 0, 4, 5), (0, 5, 1, 4),
)  # fmt: skip
_KICKS = ((0, 4, 8, 12), (0, 8), (0, 6, 8), (0, 7, 10), (0, 3, 8, 11))
_SNARES = ((4, 12), (4, 12, 15), (8,), (4, 7, 12))
# What plays beside the pad in which section of four bars; from the fifth on, the last two take turns.
_SECTIONS = ("lh", "blh", "blkh", "blksh", "lsh", "blksh")


@dataclass(frozen=True, slots=True)
class Note:
    step: int
    steps: int  # how long
    degree: int  # of the scale, above the tonic


@dataclass(frozen=True, slots=True)
class Bar:
    pad: tuple[Note, ...]
    bass: tuple[Note, ...]
    lead: tuple[Note, ...]
    kick: tuple[int, ...]  # steps
    snare: tuple[int, ...]
    hat: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tune:
    """What a song is played from. No bar is as another one, so that every moment of a song is known by its sound."""

    track: str  # id of the record in the sandbox
    bpm: float
    tonic: int  # semitones above C
    minor: bool
    timbres: tuple[int, int, int]  # of pad, bass and lead
    bars: tuple[Bar, ...]


def tunes() -> Iterator[Tune]:
    """The songs, in the order of the catalog."""
    counted: dict[str, int] = {}
    made = 0
    for track in tracks():
        artist = track.artists[0].artist.id
        key = find_key(track.key or "")
        if track.bpm is None or key is None or counted.get(artist, 0) == AN_ARTIST_HAS:
            continue
        counted[artist] = counted.get(artist, 0) + 1
        draw = Draw(f"audio/{track.id}")
        tonic, minor = tonic_of(key)
        timbres = (draw.number(0, 3), draw.number(0, 3), draw.number(0, 3))
        yield Tune(
            track.id, track.bpm * 2 if track.bpm < SLOWEST else track.bpm, tonic, minor, timbres, tuple(_bars(draw))
        )
        made += 1
        if made == SONGS:
            return
    raise SonographError("the sandbox has too few tracks with a tempo and a key")


def tracks() -> Iterator[TrackRecord]:
    """All recordings of the sandbox, in the order of the catalog."""
    for record in records():
        if isinstance(record, TrackRecord):
            yield record
        elif isinstance(record, ReleaseRecord):
            yield from (place.track for place in record.tracks if isinstance(place.track, TrackRecord))


def _bars(draw: Draw) -> Iterator[Bar]:
    progressions = draw.pick(_PROGRESSIONS), draw.pick(_PROGRESSIONS)
    kick, snare, hat_every = draw.pick(_KICKS), draw.pick(_SNARES), draw.pick((1, 2, 2, 4))
    at = draw.number(0, 7)
    for number in range(BARS):
        section = number // 4
        parts = _SECTIONS[section] if section < len(_SECTIONS) else _SECTIONS[4 + section % 2]
        chord = progressions[section // 2 % 2][number % 4]
        if number and draw.chance(0.25):
            chord = draw.number(0, 6)
        lead, at = _walk(draw, at)
        yield Bar(
            pad=_pad(draw, chord),
            bass=_bass(draw, chord) if "b" in parts else (),
            lead=lead if "l" in parts else (),
            kick=(*kick, *draw.some((2, 5, 9, 13, 14), draw.number(0, 2))) if "k" in parts else (),
            snare=(*snare, *draw.some((2, 6, 10, 14), draw.number(0, 1))) if "s" in parts else (),
            hat=tuple(range(0, STEPS, hat_every)) if "h" in parts else (),
        )


def _pad(draw: Draw, chord: int) -> tuple[Note, ...]:
    """The chord in two of its inversions, for parts of the bar."""
    middle = draw.pick((4, 6, 8, 10, 12))
    return tuple(
        Note(step, steps, chord + voice)
        for step, steps in ((0, middle), (middle, STEPS - middle))
        for voice in draw.pick(((0, 2, 4), (2, 4, 7), (-3, 0, 2), (0, 4, 9), (0, 1, 4), (0, 3, 4)))
    )


def _bass(draw: Draw, chord: int) -> tuple[Note, ...]:
    steps = sorted({0, *draw.some(range(2, STEPS), draw.number(3, 7))})
    return tuple(
        Note(step, end - step, chord + (draw.pick((0, 0, 4, 7)) if step else 0))
        for step, end in zip(steps, (*steps[1:], STEPS), strict=True)
    )


def _walk(draw: Draw, at: int) -> tuple[tuple[Note, ...], int]:
    """A bar of melody that goes on from a degree, and the degree on which it ends."""
    notes = []
    step = draw.number(0, 2)
    while step < STEPS:
        steps = min(draw.pick((1, 1, 2, 2, 3, 4)), STEPS - step)
        if not draw.chance(0.15):
            at = min(11, max(-3, at + draw.number(-3, 3)))
            notes.append(Note(step, steps, at))
        step += steps
    return tuple(notes), at
