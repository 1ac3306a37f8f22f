"""The stations whose shows are made up: what they play, how they join it, and what their transmitters do to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Filters = Sequence[tuple[str, str]]
Codec = Literal["aac", "mp3"]

# Loud, as most stations are: slow gain, multi-band character by equalising, hard compression, limiting
LOUD: Filters = (
    ("acompressor", "threshold=-26dB:ratio=3:attack=40:release=600:makeup=3"),
    ("bass", "g=5:f=110"),
    ("treble", "g=4:f=4000"),
    ("acompressor", "threshold=-22dB:ratio=8:attack=4:release=80:makeup=5"),
    ("alimiter", "limit=0.75:level=true"),
)
# A station at its worst, as among the degradations of recognition
WORST: Filters = (
    ("acompressor", "threshold=-24dB:ratio=8:attack=5:release=80:makeup=6"),
    ("alimiter", "limit=0.7:level=true"),
    ("bass", "g=8:f=120"),
    ("treble", "g=-9:f=3500"),
)
GENTLE: Filters = (("acompressor", "threshold=-20dB:ratio=2:attack=20:release=400:makeup=2"), ("alimiter", "limit=0.9"))
NONE: Filters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Shares are of joints between songs, or of songs; ranges are drawn from evenly."""

    name: str
    filters: Filters
    codec: Codec
    bitrate: int  # bit/s of one channel below 5.5 kHz: about a quarter of what a stereo stream has in all
    crossfades: float  # share of joints
    crossfade: tuple[float, float]  # seconds
    breaks: float  # share of joints with talk, advertisements, news, or silence
    long_breaks: float  # share of breaks that are news or advertisements
    silences: float  # share of breaks
    talked_over: float  # share of breaks whose talk begins over the song before, and of those that end over the next
    mid_talk: float  # share of songs with talk in their middle
    jingles: float  # share of joints with a jingle over both songs
    speeds: tuple[float, float]  # per cent, of the songs that are not at their own speed
    speedy: float  # share of songs at another speed
    unknown: float  # share of songs that are in no index
    edits: float  # share of songs with an intro or a middle left out
    loops: float  # share of songs of which some seconds are repeated
    cut_early: float  # share of songs
    twice: float  # share of songs aired again at once, behind a word of talk
    again: float  # share of songs that were aired in the hours before
    longest: float  # seconds after which a song is faded out
    unsteady: float = 0.0  # decibels by which its level wanders


STATIONS = (
    Station(
        name="hits",
        filters=LOUD,
        codec="aac",
        bitrate=16_000,
        crossfades=0.6,
        crossfade=(1.0, 5.0),
        breaks=0.3,
        long_breaks=0.4,
        silences=0.0,
        talked_over=0.8,
        mid_talk=0.12,
        jingles=0.3,
        speeds=(0.5, 2.0),
        speedy=0.4,
        unknown=0.15,
        edits=0.2,
        loops=0.03,
        cut_early=0.1,
        twice=0.01,
        again=0.3,
        longest=240,
    ),
    Station(
        name="club",
        filters=LOUD,
        codec="mp3",
        bitrate=32_000,
        crossfades=0.9,
        crossfade=(4.0, 8.0),
        breaks=0.06,
        long_breaks=0.2,
        silences=0.0,
        talked_over=0.9,
        mid_talk=0.06,
        jingles=0.25,
        speeds=(-3.0, 3.0),
        speedy=0.95,
        unknown=0.25,
        edits=0.3,
        loops=0.25,
        cut_early=0.15,
        twice=0.0,
        again=0.2,
        longest=270,
    ),
    Station(
        name="talk",
        filters=GENTLE,
        codec="aac",
        bitrate=12_000,
        crossfades=0.1,
        crossfade=(1.0, 4.0),
        breaks=0.9,
        long_breaks=0.7,
        silences=0.03,
        talked_over=0.6,
        mid_talk=0.05,
        jingles=0.2,
        speeds=(-0.5, 0.5),
        speedy=0.1,
        unknown=0.2,
        edits=0.1,
        loops=0.0,
        cut_early=0.3,
        twice=0.0,
        again=0.2,
        longest=210,
    ),
    Station(
        name="gold",
        filters=WORST,
        codec="mp3",
        bitrate=16_000,
        crossfades=0.2,
        crossfade=(0.5, 3.0),
        breaks=0.35,
        long_breaks=0.5,
        silences=0.05,
        talked_over=0.7,
        mid_talk=0.1,
        jingles=0.35,
        speeds=(0.5, 3.0),
        speedy=0.6,
        unknown=0.2,
        edits=0.2,
        loops=0.02,
        cut_early=0.2,
        twice=0.03,
        again=0.4,
        longest=200,
    ),
    Station(
        name="quiet",
        filters=NONE,
        codec="aac",
        bitrate=24_000,
        crossfades=0.0,
        crossfade=(0.0, 0.0),
        breaks=0.5,
        long_breaks=0.15,
        silences=0.5,
        talked_over=0.1,
        mid_talk=0.0,
        jingles=0.0,
        speeds=(0.0, 0.0),
        speedy=0.0,
        unknown=0.25,
        edits=0.0,
        loops=0.0,
        cut_early=0.02,
        twice=0.02,
        again=0.15,
        longest=480,
        unsteady=4.0,
    ),
    Station(
        name="student",
        filters=WORST,
        codec="aac",
        bitrate=16_000,
        crossfades=0.4,
        crossfade=(0.0, 8.0),
        breaks=0.4,
        long_breaks=0.3,
        silences=0.25,
        talked_over=0.9,
        mid_talk=0.25,
        jingles=0.3,
        speeds=(-3.0, 3.0),
        speedy=0.4,
        unknown=0.4,
        edits=0.2,
        loops=0.08,
        cut_early=0.3,
        twice=0.05,
        again=0.2,
        longest=240,
        unsteady=8.0,
    ),
)
