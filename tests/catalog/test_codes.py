import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonograph.catalog.codes import (
    Code,
    gtin_check_digit,
    isni_check_digit,
    iswc_check_digit,
    parse_gtin,
    parse_isni,
    parse_isrc,
    parse_iswc,
    parse_mbid,
)

SEPARATORS = st.lists(
    st.sampled_from(["", " ", "-", ".", "\u2010", "\u2013", "\u00a0", "\u200b", "_", "\t"]), min_size=16
)
DIGITS = "0123456789"
PARSERS = [parse_isrc, parse_iswc, parse_gtin, parse_isni, parse_mbid]


def spread(code: str, separators: list[str]) -> str:
    """The code with a separator after each of its first characters."""
    return "".join(c + (separators[n] if n < len(separators) else "") for n, c in enumerate(code))


@pytest.mark.parametrize(
    "text",
    [
        "GBDUW0000053",
        "gbduw0000053",
        "GB-DUW-00-00053",
        " gb duw 00 00053\n",
        "ISRC GB-DUW-00-00053",
        "ISRC: GBDUW0000053",
        "urn:isrc:GBDUW0000053",
        "GB\u2011DUW\u201100\u201100053",
        "ＧＢＤＵＷ００００053",  # noqa: RUF001 - full-width letters are the point
        "https://musicbrainz.org/isrc/GBDUW0000053",
    ],
)
def test_isrc_as_people_paste_it(text: str) -> None:
    assert parse_isrc(text) == "GBDUW0000053"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GBDUW000005",
        "GBDUW00000531",
        "GBDUW00000A3",
        "1BDUW0000053",
        "GB/DUW0000053",
        "T0710204399",
        "x" * 5000,
        "GBDUW000005\u0663",
        "\u0131SDUW0000053",
        "\ud800",
        "\x00",
        "GBDUW0000053 GBDUW0000054",
    ],
)
def test_what_is_no_isrc(text: str) -> None:
    assert parse_isrc(text) is None


def test_an_icelandic_isrc_may_start_like_the_word_isrc() -> None:
    assert parse_isrc("ISRC12345678") == "ISRC12345678"
    assert parse_isrc("ISRC ISRC12345678") == "ISRC12345678"


@pytest.mark.parametrize(
    "text",
    [
        "T-071.020.439-9",
        "T0710204399",
        "t 071 020 439 9",
        "ISWC T-071.020.439-9",
        "iswc:T0710204399",
        "urn:iswc:T-071.020.439-9",
        "https://musicbrainz.org/iswc/T-071.020.439-9",
        "0710204399",
        "071.020.439-9",
        "ISWC 071.020.439-9",
    ],
)
def test_iswc_as_people_paste_it(text: str) -> None:
    assert parse_iswc(text) == Code("T0710204399", valid=True)


def test_ten_digits_are_no_iswc_unless_the_last_one_is_right() -> None:
    assert parse_iswc("0710204398") is None
    assert parse_iswc("07102043991") is None


def test_an_mbid_in_the_address_of_something_else_is_none() -> None:
    mbid = "056e4f3e-d505-4dad-8ec1-d04f521cbb56"
    for text in (mbid, f"mbid:{mbid}", f"https://musicbrainz.org/release-group/{mbid}/details"):
        assert parse_mbid(text, "release", "release-group") == mbid
    for entity in ("artist", "release", "release-group/artist"):
        assert parse_mbid(f"https://musicbrainz.org/{entity}/{mbid}", "release-group") is None


def test_a_wrong_check_digit_is_not_the_same_as_no_code() -> None:
    assert parse_iswc("T0710204398") == Code("T0710204398", valid=False)
    assert parse_gtin("724384960651") == Code("724384960651", valid=False)
    assert parse_isni("0000000121032684") == Code("0000000121032684", valid=False)
    for parse in (parse_iswc, parse_gtin, parse_isni):
        assert parse("0710") is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("96385074", "96385074"),
        ("7 24384 96065 0", "724384960650"),
        ("4006381333931", "4006381333931"),
        ("4-006381-333931", "4006381333931"),
        ("EAN-13: 4006381333931", "4006381333931"),
        ("EAN\u201113 4006381333931", "4006381333931"),
        ("EAN 4006381333931", "4006381333931"),
        ("UPC-A 724384960650", "724384960650"),
        ("Barcode: 0 74646-36282 2", "074646362822"),
        ("(01)09506000134352", "09506000134352"),
        ("urn:gtin:09506000134352", "09506000134352"),
    ],
)
def test_gtin_as_people_paste_it(text: str, digits: str) -> None:
    assert parse_gtin(text) == Code(digits, valid=True)


@pytest.mark.parametrize("text", ["", "123456789", "400638133393", "40063813339310 1", "none", "4006381333931X", "-.-"])
def test_what_is_no_valid_gtin(text: str) -> None:
    code = parse_gtin(text)
    assert code is None or not code.valid


@pytest.mark.parametrize(
    ("text", "isni"),
    [
        ("0000 0001 2103 2683", "0000000121032683"),
        ("ISNI 0000 0001 2103 2683", "0000000121032683"),
        ("https://isni.org/isni/0000000121032683", "0000000121032683"),
        ("http://www.isni.org/0000000121032683/", "0000000121032683"),
        ("isni:000000012146438x", "000000012146438X"),
    ],
)
def test_isni_as_people_paste_it(text: str, isni: str) -> None:
    assert parse_isni(text) == Code(isni, valid=True)


@pytest.mark.parametrize(
    "text",
    [
        "056e4f3e-d505-4dad-8ec1-d04f521cbb56",
        "056E4F3E-D505-4DAD-8EC1-D04F521CBB56",
        " 056e4f3ed5054dad8ec1d04f521cbb56 ",
        "{056e4f3e-d505-4dad-8ec1-d04f521cbb56}",
        "urn:uuid:056e4f3e-d505-4dad-8ec1-d04f521cbb56",
        "mbid:056e4f3e-d505-4dad-8ec1-d04f521cbb56",
        "https://musicbrainz.org/artist/056e4f3e-d505-4dad-8ec1-d04f521cbb56",
        "https://beta.musicbrainz.org/artist/056e4f3e-d505-4dad-8ec1-d04f521cbb56/releases?page=2",
        "musicbrainz.org/release-group/056e4f3e-d505-4dad-8ec1-d04f521cbb56#x",
    ],
)
def test_mbid_as_people_paste_it(text: str) -> None:
    assert parse_mbid(text) == "056e4f3e-d505-4dad-8ec1-d04f521cbb56"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "056e4f3e",
        "056e4f3e-d505-4dad-8ec1-d04f521cbb5g",
        "https://example.org/056e4f3e-d505-4dad-8ec1-d04f521cbb56",
    ],
)
def test_what_is_no_mbid(text: str) -> None:
    assert parse_mbid(text) is None


@given(code=st.from_regex(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", fullmatch=True), separators=SEPARATORS, lower=st.booleans())
def test_isrc_survives_separators_and_case(code: str, separators: list[str], *, lower: bool) -> None:
    text = spread(code, separators)
    assert parse_isrc(text.lower() if lower else text) == code


@given(st.text(DIGITS, min_size=9, max_size=9), SEPARATORS)
def test_iswc_survives_separators(digits: str, separators: list[str]) -> None:
    code = f"T{digits}{iswc_check_digit(digits)}"
    assert parse_iswc(spread(code, separators)) == Code(code, valid=True)


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text(DIGITS, min_size=n, max_size=n)), SEPARATORS)
def test_gtin_survives_separators(digits: str, separators: list[str]) -> None:
    code = digits + gtin_check_digit(digits)
    assert parse_gtin(spread(code, separators)) == Code(code, valid=True)


@given(st.text(DIGITS, min_size=15, max_size=15), SEPARATORS)
def test_isni_survives_separators(digits: str, separators: list[str]) -> None:
    code = digits + isni_check_digit(digits)
    assert parse_isni(spread(code, separators)) == Code(code, valid=True)


@given(st.uuids())
def test_mbid_survives_all_forms_of_a_uuid(value: uuid.UUID) -> None:
    for text in (str(value), str(value).upper(), value.hex, value.urn, f"https://musicbrainz.org/work/{value}"):
        assert parse_mbid(text) == str(value)


@given(st.text(DIGITS, min_size=13, max_size=13), st.integers(0, 13), st.integers(1, 9))
def test_gtin_notices_every_single_wrong_digit(digits: str, position: int, change: int) -> None:
    code = digits + gtin_check_digit(digits)
    wrong = code[:position] + str((int(code[position]) + change) % 10) + code[position + 1 :]
    assert parse_gtin(wrong) == Code(wrong, valid=False)


@given(st.text(DIGITS, min_size=15, max_size=15), st.integers(0, 14), st.integers(1, 9))
def test_isni_notices_every_single_wrong_digit(digits: str, position: int, change: int) -> None:
    code = digits + isni_check_digit(digits)
    wrong = code[:position] + str((int(code[position]) + change) % 10) + code[position + 1 :]
    assert parse_isni(wrong) == Code(wrong, valid=False)


@given(st.text(DIGITS, min_size=15, max_size=15), st.integers(0, 14))
def test_isni_notices_neighbours_swapped(digits: str, position: int) -> None:
    code = digits + isni_check_digit(digits)
    left, right = code[position], code[position + 1]
    if right not in (left, "X"):
        wrong = code[:position] + right + left + code[position + 2 :]
        assert parse_isni(wrong) == Code(wrong, valid=False)


# Positions 2, 4, 5, 6, 8 share a factor with ten, so the formula of ISO 15707 cannot notice all changes there.
@given(st.text(DIGITS, min_size=9, max_size=9), st.sampled_from([1, 3, 7, 9, 10]), st.integers(1, 9))
def test_iswc_notices_a_wrong_digit_where_its_formula_can(digits: str, position: int, change: int) -> None:
    code = f"T{digits}{iswc_check_digit(digits)}"
    wrong = code[:position] + str((int(code[position]) + change) % 10) + code[position + 1 :]
    assert parse_iswc(wrong) == Code(wrong, valid=False)


@given(st.one_of(st.text(), st.text("GBTISRC0123456789 -.:/x", max_size=300)))
def test_any_text_is_a_code_or_none(text: str) -> None:
    for parse in PARSERS:
        code = parse(text)
        if code is not None:
            assert parse(code.text if isinstance(code, Code) else code) == code  # canonical forms parse to themselves


@pytest.mark.parametrize(
    "text", [" " * 20_000, "-" * 20_000, "1 " * 10_000, "EAN" + " " * 20_000 + "x", "\u0301" * 20_000]
)
def test_long_text_is_none(text: str) -> None:
    assert [parse(text) for parse in PARSERS] == [None] * 5
