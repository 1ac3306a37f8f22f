"""Fingerprints as callers send them: each way of writing one gives the same items, and what is none is refused."""

from random import Random

import numpy as np
import pytest

from sonograph.errors import Invalid
from sonograph.recognition.acoustid import compress
from sonograph.recognition.fingerprints import FEWEST, MOST, of_numbers, of_text

random = Random(5)
ITEMS = np.array([0, 1, 2**31 - 1, 2**31, 2**32 - 1] * 4 + [random.getrandbits(32) for _ in range(80)], np.uint32)
UNSIGNED = [int(item) for item in ITEMS]
SIGNED = [int(item) for item in ITEMS.view(np.int32)]


def test_every_way_of_writing_gives_the_same_items() -> None:
    assert min(SIGNED) < 0
    for items in (
        of_numbers(UNSIGNED),
        of_numbers(SIGNED),
        of_text(",".join(map(str, UNSIGNED))),
        of_text(", ".join(map(str, SIGNED)) + "\n"),
        of_text(compress(ITEMS)),
        of_text("\n  ".join(compress(ITEMS)[at : at + 60] for at in range(0, 1000, 60))),
    ):
        assert items.dtype == np.uint32
        assert items.tolist() == UNSIGNED


@pytest.mark.parametrize("number", [FEWEST, MOST])
def test_bounds_are_included(number: int) -> None:
    assert len(of_numbers([7] * number)) == len(of_text(",".join(["-7"] * number))) == number
    assert len(of_text(compress(np.full(number, 7, np.uint32)))) == number


@pytest.mark.parametrize(
    "wrong",
    [
        None, "1,2", {}, 5, [], [1] * (FEWEST - 1), [1] * (MOST + 1), [*SIGNED, True], [*SIGNED, 1.0], [*SIGNED, "1"],
        [*SIGNED, None], [*SIGNED, 2**32], [*SIGNED, -(2**31) - 1], [*SIGNED, [1]], [*SIGNED, 10**30],
    ],
)  # fmt: skip
def test_lists_that_are_no_fingerprint(wrong: object) -> None:
    with pytest.raises(Invalid, match=r"^fingerprint: ") as refusal:
        of_numbers(wrong)
    assert refusal.value.field == "fingerprint"


RAW = ",".join(map(str, UNSIGNED))


@pytest.mark.parametrize(
    "wrong",
    [
        "", " ", ",", RAW + ",", RAW + ",x", RAW + ",1_0", RAW + ",99999999999", RAW + ",4294967296", RAW + ",\u0661",
        RAW + ",--1", RAW + ",1.5", "1," * (MOST - 1) + "1" * 900_000, ",".join(["1"] * (MOST + 1)), "AQAAAA",
        compress(ITEMS)[:-20], "A" + compress(ITEMS), compress(ITEMS[: FEWEST - 1]), "é" * 80,
        compress(np.zeros(MOST + 1, np.uint32)),
    ],
)  # fmt: skip
def test_texts_that_are_no_fingerprint(wrong: str) -> None:
    with pytest.raises(Invalid, match=r"^fingerprint: ") as refusal:
        of_text(wrong)
    assert refusal.value.field == "fingerprint"
