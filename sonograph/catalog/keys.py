"""Musical keys in the three notations that DJs use: alphanumeric (Camelot), musical, open."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MusicalKey:
    alphanumeric: str  # "10B": 1-12 along the circle of fifths, A is minor, B is major
    musical: str  # "D", "Bm"
    open: str  # "3d": d is major (dur), m is minor (moll)


# Along the circle of fifths from number 1 on, in the spelling with the fewer accidentals.
_MINOR = ("G#m", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m")
_MAJOR = ("B", "F#", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E")


def _key(number: int, letter: str, musical: str) -> MusicalKey:
    # The open notation counts from C major and A minor (8B and 8A).
    return MusicalKey(f"{number}{letter}", musical, f"{(number - 8) % 12 + 1}{'m' if letter == 'A' else 'd'}")


KEYS: tuple[MusicalKey, ...] = tuple(
    _key(number, letter, names[number - 1])
    for number in range(1, 13)
    for letter, names in (("A", _MINOR), ("B", _MAJOR))
)

_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "b": -1, "sharp": 1, "flat": -1}
_NUMBERED = re.compile(r"(0?[1-9]|1[0-2])([abdmABDM])")
_NAMED = re.compile(
    r"(?P<note>[a-gA-G])[ -]?(?P<accidental>#|b|(?i:sharp|flat))?[ -]?(?P<mode>m|M|(?i:minor|min|major|maj))?"
)
_BY_ALPHANUMERIC = {key.alphanumeric: key for key in KEYS}
_BY_OPEN = {key.open: key for key in KEYS}
_UNICODE_ACCIDENTALS = str.maketrans({"\u266f": "#", "\u266d": "b"})


def _pitch(name: str) -> tuple[int, bool]:
    """(semitones above C, whether it is minor) of a name in our spelling."""
    note = name.removesuffix("m")
    return (_SEMITONES[note[0].lower()] + _ACCIDENTALS[note[1:]]) % 12, name.endswith("m")


_BY_PITCH = {_pitch(key.musical): key for key in KEYS}


def find_key(text: str) -> MusicalKey | None:
    """The key that any of the notations names: "10B", "3d", "D", "D major", "Bm", "C# min", "Db minor"."""
    text = text.strip().translate(_UNICODE_ACCIDENTALS)
    if match := _NUMBERED.fullmatch(text):
        number, letter = match[1].lstrip("0"), match[2]
        return _BY_ALPHANUMERIC.get(number + letter.upper()) or _BY_OPEN.get(number + letter.lower())
    match = _NAMED.fullmatch(text)
    if not match:
        return None
    semitone = _SEMITONES[match["note"].lower()] + _ACCIDENTALS[(match["accidental"] or "").lower()]
    mode = match["mode"] or ""
    return _BY_PITCH[semitone % 12, mode == "m" or mode.lower().startswith("min")]


def parse_key(text: str) -> str | None:
    """The alphanumeric form ("10B") of a key in any notation, None for what is none."""
    key = find_key(text)
    return key.alphanumeric if key else None


def tonic_of(key: MusicalKey) -> tuple[int, bool]:
    """(semitones of the tonic above C, whether the key is minor)."""
    return _pitch(key.musical)
