"""Fingerprints as callers send them: numbers as `fpcalc -raw` prints them, signed or not, or its compressed text."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from sonograph.errors import Invalid
from sonograph.recognition.acoustid import decompress
from sonograph.recognition.chromaprint import Items

FEWEST, MOST = 50, 50_000  # items: 6 s to 1:43 h
LOWEST, HIGHEST = -(2**31), 2**32 - 1  # `fpcalc -raw -signed` prints the upper half as negative numbers
MOST_TEXT = 12 * MOST  # characters: a number has at most ten digits, a sign or a comma, and a blank
FIELD = "fingerprint"
_NUMBER = re.compile(r"-?[0-9]{1,10}")


def of_numbers(numbers: Any) -> Items:
    """The items of a JSON list; raises `Invalid`, which names `fingerprint`."""
    if not isinstance(numbers, list):
        raise _invalid("must be a list of whole numbers, as fpcalc -raw prints them")
    _check_number(numbers)
    if any(type(number) is not int or not LOWEST <= number <= HIGHEST for number in numbers):
        raise _invalid("must be whole numbers of 32 bits, signed or unsigned")
    return np.array(numbers, np.int64).astype(np.uint32)


def of_text(text: str) -> Items:
    """The items of what fpcalc prints behind `FINGERPRINT=`, compressed or raw; raises `Invalid`."""
    if len(text) > MOST_TEXT:
        raise _invalid(f"must be the text of {FEWEST} to {MOST} items")
    text = "".join(text.split())  # as it may be broken into lines
    if not text:
        raise _invalid(f"must be the text of {FEWEST} to {MOST} items")
    if "," not in text:
        items = decompress(text)
        _check_number(items)
        return items
    parts = text.split(",")
    _check_number(parts)
    if not all(_NUMBER.fullmatch(part) for part in parts):
        raise _invalid("must be whole numbers with commas, or fpcalc's compressed text")
    return of_numbers([int(part) for part in parts])


def _check_number(items: Sequence[Any] | Items) -> None:
    if not FEWEST <= len(items) <= MOST:
        raise _invalid(f"must have {FEWEST} to {MOST} items, and has {len(items)}")


def _invalid(why: str) -> Invalid:
    return Invalid(f"{FIELD}: {why}", FIELD)
