"""Screenshots made small: at most 256 colours, which is all that flat pages need, and the best compression of zlib."""

import struct
import zlib
from typing import Any

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256


def small(rgba: bytes, width: int) -> bytes:
    """A PNG of pixels: its palette are the commonest colours, other ones become the nearest of them."""
    pixels = np.frombuffer(rgba, np.uint8).reshape(-1, 4).astype(np.uint32)
    height = len(pixels) // width
    codes, places, counts = np.unique(
        pixels[:, 0] << 16 | pixels[:, 1] << 8 | pixels[:, 2], return_inverse=True, return_counts=True
    )
    chosen = codes[np.argsort(-counts)[:COLOURS]]
    nearest = np.abs(_channels(codes)[:, None, :] - _channels(chosen)[None, :, :]).sum(axis=2).argmin(axis=1)
    rows = nearest[places].astype(np.uint8).reshape(height, width)
    body = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()  # filter 0 suits palettes best
    return SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", _channels(chosen).astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(body, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _channels(codes: Any) -> Any:
    return np.stack([codes >> 16 & 255, codes >> 8 & 255, codes & 255], axis=1).astype(np.int16)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
