"""AcoustID's compressed text form of fingerprints, which `fpcalc` prints by default and AcoustID's dumps hold.

Four bytes (algorithm, number of items), then for each item the bits in which it differs from the one before, as
distances from bit to bit: three bits each, 0 ends an item, 7 means that more is to be added, which stands in five bits
each behind all the rest. All of it in URL-safe base64 without padding.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Invalid
from sonograph.recognition.chromaprint import Items

ALGORITHM = 1
MOST_ITEMS = 200_000  # nearly seven hours
_LARGE = 7
_BITS = 32


def compress(items: Items) -> str:
    """The text form."""
    changed = items ^ np.concatenate((np.zeros(1, np.uint32), items[:-1]))
    item, bit = np.nonzero(_bits_of(changed))
    first = np.concatenate((np.ones(1, bool), item[1:] != item[:-1]))[: len(item)]
    distance = np.where(first, bit + 1, bit - np.concatenate((np.zeros(1, np.int64), bit[:-1]))[: len(bit)])
    # Each distance goes behind those before it and the ends of all items before its own.
    values = np.zeros(len(item) + len(items), np.uint8)
    values[np.arange(len(item)) + item] = np.minimum(distance, _LARGE)
    head = bytes([ALGORITHM]) + len(items).to_bytes(3)
    large = (distance[distance >= _LARGE] - _LARGE).astype(np.uint8)
    return urlsafe_b64encode(head + _packed(values, 3) + _packed(large, 5)).rstrip(b"=").decode()


def decompress(text: str) -> Items:
    """The items; `Invalid` for anything that is no fingerprint of algorithm 1."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise _invalid("not base64") from None
    if len(data) < 4 or data[0] != ALGORITHM:  # noqa: PLR2004  (the head)
        raise _invalid("not of Chromaprint's algorithm 1")
    size = int.from_bytes(data[1:4])
    if size > MOST_ITEMS:
        raise _invalid(f"more than {MOST_ITEMS} items")
    body = np.frombuffer(data, np.uint8, offset=4)
    values = _unpacked(body, 3)
    ends = np.flatnonzero(values == 0)[:size]
    if len(ends) < size:
        raise _invalid("cut off")
    if not size:
        return np.zeros(0, np.uint32)
    values = values[: ends[-1] + 1].astype(np.int64)
    large = np.flatnonzero(values == _LARGE)
    more = _unpacked(body[(len(values) * 3 + 7) // 8 :], 5)[: len(large)]
    if len(more) < len(large):
        raise _invalid("cut off")
    values[large] += more
    total = np.cumsum(values)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    place = total - np.repeat(total[starts] - values[starts], np.diff(starts, append=len(values)))
    if place.max(initial=0) > _BITS:
        raise _invalid("more than 32 bits in an item")
    bits = np.where(values > 0, np.uint64(1) << np.maximum(place - 1, 0).astype(np.uint64), np.uint64(0))
    changed = np.add.reduceat(bits, starts).astype(np.uint32)
    return np.bitwise_xor.accumulate(changed)


def _bits_of(items: Items) -> NDArray[np.uint8]:
    """(item, bit), the lowest bit first."""
    return np.unpackbits(items.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1, bitorder="little")


def _packed(values: NDArray[np.uint8], width: int) -> bytes:
    return np.packbits(
        np.unpackbits(values[:, np.newaxis], axis=1, count=width, bitorder="little"), bitorder="little"
    ).tobytes()


def _unpacked(data: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    bits = np.unpackbits(data, bitorder="little")
    whole = bits[: len(bits) // width * width].reshape(-1, width)
    return np.packbits(whole, axis=1, bitorder="little")[:, 0] if len(whole) else np.zeros(0, np.uint8)


def _invalid(why: str) -> Invalid:
    return Invalid(f"fingerprint: {why}", "fingerprint")
