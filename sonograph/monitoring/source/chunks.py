"""The body of an answer that comes in chunks."""

from sonograph.monitoring.source.faults import Fault

_LONGEST_LINE = 1024  # a size with its extensions, or a trailer


class Dechunker:
    """Takes bytes as they come off the wire, gives those of the body. `ended` after the last chunk."""

    def __init__(self) -> None:
        self.ended = False
        self._line = bytearray()  # a size, or the end of a chunk, of which the rest has not come
        self._left = 0  # of the chunk

    def feed(self, data: bytes) -> bytes:
        body = bytearray()
        place = 0
        while place < len(data) and not self.ended:
            if self._left:
                piece = data[place : place + self._left]
                body += piece
                place += len(piece)
                self._left -= len(piece)
                continue
            end = data.find(b"\n", place)
            self._line += data[place : end if end >= 0 else len(data)]
            if len(self._line) > _LONGEST_LINE:
                raise Fault("The station's answer is garbled: it comes in chunks without sizes.")
            if end < 0:
                break
            place = end + 1
            self._begin(bytes(self._line))
            self._line.clear()
        return bytes(body)

    def _begin(self, line: bytes) -> None:
        size = line.partition(b";")[0].strip()
        if not size:
            return  # the line end behind a chunk
        try:
            self._left = int(size, 16)
        except ValueError:
            raise Fault("The station's answer is garbled: it comes in chunks without sizes.") from None
        if self._left < 0:
            raise Fault("The station's answer is garbled: it comes in chunks without sizes.")
        self.ended = not self._left
