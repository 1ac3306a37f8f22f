"""MPEG transport streams, in which HLS wraps its sound: the first programme's first stream of sound."""

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.packets import Begin, Piece

_PACKET = 188
_SYNC = 0x47
_NONE = 0x1FFF  # a PID that is none
# Kinds of streams that are read; of those that are known and not read, their names.
_CODECS = {0x03: "mp3float", 0x04: "mp3float", 0x0F: "aac", 0x11: "aac_latm"}
_OTHERS = {0x81: "Dolby Digital", 0x87: "Dolby Digital Plus", 0x06: "private data"}
_VIDEO = {0x01: "MPEG-1", 0x02: "MPEG-2", 0x1B: "H.264", 0x24: "H.265"}


class TransportStream:
    def __init__(self) -> None:
        self._data = bytearray()
        self._tables = _NONE  # the PID of the programme's table of streams
        self._sound = _NONE
        self._codec = ""

    def feed(self, data: bytes) -> list[Piece]:
        self._data += data
        pieces: list[Piece] = []
        place, end = 0, len(self._data) - _PACKET
        while place <= end:
            if self._data[place] != _SYNC:
                place += 1
                continue
            pieces += self._packet(bytes(self._data[place : place + _PACKET]))
            place += _PACKET
        del self._data[:place]
        return pieces

    def _packet(self, packet: bytes) -> list[Piece]:
        pid = (packet[1] & 31) << 8 | packet[2]
        first = bool(packet[1] & 64)
        start = 4
        if packet[3] & 32:  # an adaptation field
            start += 1 + packet[4]
        if not packet[3] & 16 or start >= _PACKET:
            return []
        body = packet[start:]
        if pid == self._sound:
            return _sound(body, first=first)
        if first and pid in (0, self._tables):
            section = body[1 + body[0] :]
            length = 3 + ((section[1] & 15) << 8 | section[2]) - 4 if len(section) > 3 else 0  # noqa: PLR2004  (without its checksum)
            if pid:
                return self._streams(section[:length])
            if len(section) >= 12:  # noqa: PLR2004  (with one programme)
                self._tables = (section[10] & 31) << 8 | section[11]
        return []

    def _streams(self, section: bytes) -> list[Piece]:
        """The table of streams. Tables longer than a packet are cut off, beyond some thirty streams."""
        if len(section) < 12:  # noqa: PLR2004
            return []
        place = 12 + ((section[10] & 15) << 8 | section[11])
        kinds = []
        while place + 5 <= len(section):
            kind, pid = section[place], (section[place + 1] & 31) << 8 | section[place + 2]
            place += 5 + ((section[place + 3] & 15) << 8 | section[place + 4])
            if kind in _CODECS:
                self._sound = pid
                return [Begin(_CODECS[kind], split=True)]
            kinds.append(kind)
        if any(kind in _VIDEO for kind in kinds):
            raise Fault("This is a video without sound that is read here.", lasting=True)
        names = ", ".join(_OTHERS.get(kind, f"type {kind}") for kind in kinds)
        raise Fault(f"The stream has no sound that is read here ({names or 'it has nothing at all'}).", lasting=True)


def _sound(body: bytes, *, first: bool) -> list[Piece]:
    if first and body[:3] == b"\0\0\1" and len(body) > 8:  # noqa: PLR2004  (of the head)
        body = body[9 + body[8] :]
    return [body] if body else []
