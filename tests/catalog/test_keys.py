import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonograph.catalog.keys import KEYS, MusicalKey, find_key, parse_key

# The published wheel, number by number: (minor, major).
WHEEL = {
    1: ("G#m", "B"),
    2: ("Ebm", "F#"),
    3: ("Bbm", "Db"),
    4: ("Fm", "Ab"),
    5: ("Cm", "Eb"),
    6: ("Gm", "Bb"),
    7: ("Dm", "F"),
    8: ("Am", "C"),
    9: ("Em", "G"),
    10: ("Bm", "D"),
    11: ("F#m", "A"),
    12: ("C#m", "E"),
}


def test_the_24_keys() -> None:
    assert len(KEYS) == len({key.musical for key in KEYS}) == len({key.open for key in KEYS}) == 24
    assert {key.alphanumeric: key.musical for key in KEYS} == {
        f"{number}{letter}": name for number, pair in WHEEL.items() for letter, name in zip("AB", pair, strict=True)
    }


def test_the_example_of_the_contract() -> None:
    assert find_key("10B") == find_key("D") == find_key("3d") == MusicalKey("10B", "D", "3d")


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.alphanumeric)
def test_each_notation_leads_back(key: MusicalKey) -> None:
    assert [find_key(text) for text in (key.alphanumeric, key.musical, key.open)] == [key] * 3
    assert find_key(key.alphanumeric.lower()) == key
    assert find_key(f" 0{key.alphanumeric} ") == (key if len(key.alphanumeric) == 2 else None)


def test_relative_keys_share_their_number() -> None:
    numbers = {key.musical: (key.alphanumeric[:-1], key.open[:-1]) for key in KEYS}
    assert numbers["Am"] == numbers["C"] == ("8", "1")
    assert numbers["F#m"] == numbers["A"] == ("11", "4")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("D major", "10B"),
        ("D maj", "10B"),
        ("D-Major", "10B"),
        ("DM", "10B"),
        ("d", "10B"),
        ("D min", "7A"),
        ("Dm", "7A"),
        ("dmin", "7A"),
        ("D MINOR", "7A"),
        ("C#m", "12A"),
        ("Dbm", "12A"),
        ("D♭ minor", "12A"),
        ("C♯ min", "12A"),
        ("C-sharp minor", "12A"),
        ("A flat major", "4B"),
        ("G#", "4B"),
        ("D#m", "2A"),
        ("Cb", "1B"),
        ("E#m", "4A"),
        ("B#", "8B"),
        ("Bb", "6B"),
        ("bb", "6B"),
        ("B", "1B"),
        ("3m", "10A"),
        ("3M", "10A"),
        ("12d", "7B"),
        *((text, None) for text in ("", " ", "0A", "13A", "13d", "H", "D dorian", "Dmm", "A B", "1", "m", "10BB", "#")),
        *((text, None) for text in ("all", "None", "D\0", "\ud800", "１0B", "D" * 5000)),  # noqa: RUF001 - full-width 1
    ],
)
def test_spellings(text: str, expected: str | None) -> None:
    assert parse_key(text) == expected


@given(st.one_of(st.text(), st.text("abcdefgABCDEFGmMdD#b0123456789 -")))
def test_any_text_is_a_key_or_none(text: str) -> None:
    found = find_key(text)
    assert found is None or found in KEYS
