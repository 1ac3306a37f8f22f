"""FLAC without a container."""

from sonograph.monitoring.source.packets import Begin, Piece

_HEAD = 4  # bytes, of the stream and of each block
_INFO = 34


class NativeFlac:
    """Leaves out the blocks before the sound; pictures among them have any size."""

    def __init__(self) -> None:
        self._data = b""
        self._skip = _HEAD
        self._setup = b""
        self._last = False

    def feed(self, data: bytes) -> list[Piece]:
        if self._last and not self._skip:
            return [data]
        data = self._data + data
        while True:
            left = data[self._skip :]
            self._skip -= len(data) - len(left)
            data = left
            if self._skip or (not self._last and len(data) < _HEAD + _INFO):
                self._data = data
                return []
            if self._last:
                self._data = b""
                return [Begin("flac", self._setup, split=True), data]
            self._last = bool(data[0] & 128)
            self._skip = _HEAD + int.from_bytes(data[1:4], "big")
            if not data[0] & 127:
                self._setup = data[_HEAD : _HEAD + _INFO]
