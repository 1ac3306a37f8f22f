"""Titles between the sound, as Shoutcast and Icecast have it: a block of metadata after every so many bytes."""

from typing import Final

INTERVAL: Final = 16_000  # bytes of sound between two blocks
_BLOCK: Final = 16  # bytes; a length is told in these
_LONGEST: Final = 255 * _BLOCK


class Interleaver:
    """What one listener gets who asked for titles."""

    def __init__(self) -> None:
        self._left = INTERVAL
        self._told = ""

    def add(self, sound: bytes, title: str) -> bytes:
        """The sound with the blocks that fall into it; the title stands in the first block after it has changed."""
        parts = []
        while len(sound) >= self._left:
            parts += [sound[: self._left], self._block(title)]
            sound = sound[self._left :]
            self._left = INTERVAL
        self._left -= len(sound)
        return b"".join((*parts, sound))

    def _block(self, title: str) -> bytes:
        if title == self._told:
            return b"\0"
        self._told = title
        text = f"StreamTitle='{title}';".encode()[:_LONGEST]
        count = -(-len(text) // _BLOCK)
        return bytes([count]) + text.ljust(count * _BLOCK, b"\0")
