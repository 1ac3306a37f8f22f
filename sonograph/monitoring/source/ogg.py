"""Ogg as radio stations send it: one song's stream after the other, each with its comments."""

import struct
from contextlib import suppress

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.http import words
from sonograph.monitoring.source.icy import tidy
from sonograph.monitoring.source.packets import Begin, Piece, Says

_PAGE = struct.Struct("<4sBBqIIIB")
_LARGEST = 262_144  # bytes of a packet of sound; the largest of FLAC are 100 KiB
_KEPT = 65_536  # bytes of comments: behind the titles there are pictures
_FIRST = 2  # flag: the first page of a stream
_CONTINUED = 1
_COMMENTS = 100  # that are looked at
_FULL = 255  # a piece of this length is continued by the next
_NO_COMMENTS = b"\x03vorbis" + bytes(8) + b"\x01"
_STREAM_INFO = 34  # bytes


class Ogg:
    """Takes bytes, gives packets of the first stream of sound in each link of the chain."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._serial: int | None = None  # of the stream that is listened to
        self._packet = bytearray()  # begun
        self._codec = ""
        self._heads: list[bytes] = []  # of the link, until they are all there
        self._wanted = 0  # heads

    def feed(self, data: bytes) -> list[Piece]:
        self._data += data
        pieces: list[Piece] = []
        while (page := self._page()) is not None:
            flags, serial, body, lengths = page
            if flags & _FIRST:
                pieces += self._open(serial, body)
            elif serial == self._serial:
                pieces += self._packets(flags, body, lengths)
        return pieces

    def _page(self) -> tuple[int, int, bytes, bytes] | None:
        """Flags, serial number, body and lengths of its pieces; None while the next page is not all there."""
        data = self._data
        if not data.startswith(b"OggS"):
            at = data.find(b"OggS")
            del data[: at if at >= 0 else max(0, len(data) - 3)]
        if len(data) < _PAGE.size:
            return None
        _, _, flags, _, serial, _, _, count = _PAGE.unpack_from(data)
        lengths = bytes(data[_PAGE.size : _PAGE.size + count])
        start = _PAGE.size + count
        end = start + sum(lengths)
        if len(lengths) < count or len(data) < end:
            return None
        body = bytes(data[start:end])
        del data[:end]
        return flags, serial, body, lengths

    def _open(self, serial: int, body: bytes) -> list[Piece]:
        """A link begins. Streams of pictures and the like are passed by."""
        self._packet.clear()
        if body.startswith(b"\x01vorbis"):
            self._begin(serial, "vorbis", body, 3)
        elif body.startswith(b"OpusHead"):
            self._begin(serial, "opus", body, 2)
        elif body.startswith(b"\x7fFLAC") and len(body) >= 17 + _STREAM_INFO:
            self._begin(serial, "flac", body, 0)
            return [Begin("flac", body[17 : 17 + _STREAM_INFO])]
        elif body.startswith((b"Speex   ", b"\x80theora")) and self._serial is None:
            kind = "Speex" if body.startswith(b"Speex") else "Theora, a video"
            raise Fault(f"The station sends {kind}, which is not read here.", lasting=True)
        return []

    def _begin(self, serial: int, codec: str, head: bytes, wanted: int) -> None:
        self._serial, self._codec, self._heads, self._wanted = serial, codec, [head], wanted

    def _packets(self, flags: int, body: bytes, lengths: bytes) -> list[Piece]:
        if not flags & _CONTINUED:
            self._packet.clear()
        pieces: list[Piece] = []
        place = 0
        for length in lengths:
            self._packet += body[place : place + length]
            place += length
            if len(self._packet) > _LARGEST:
                if len(self._heads) >= self._wanted and self._codec != "flac":
                    raise Fault("The sound is damaged: a packet of it has no end.")
                del self._packet[_KEPT:]  # comments with pictures
            if length < _FULL:
                pieces += self._whole(bytes(self._packet))
                self._packet.clear()
        return pieces

    def _whole(self, packet: bytes) -> list[Piece]:
        if self._codec == "flac":
            if packet[:1] == b"\xff":
                return [packet]
            return _title(packet[4:]) if packet[:1] and packet[0] & 127 == 4 else []  # noqa: PLR2004  (comments)
        if len(self._heads) >= self._wanted:
            return [packet]
        self._heads.append(packet)
        if len(self._heads) < self._wanted:
            return []
        if self._codec == "opus":
            return [Begin("opus", self._heads[0]), *_title(packet.removeprefix(b"OpusTags"))]
        return [Begin("vorbis", _laced(self._heads)), *_title(self._heads[1][7:])]


def _laced(heads: list[bytes]) -> bytes:
    """The three heads of Vorbis as FFmpeg wants them, without the comments, which may be large."""
    first, _, last = heads
    sizes = b"".join(bytes([255] * (len(head) // 255) + [len(head) % 255]) for head in (first, _NO_COMMENTS))
    return b"\x02" + sizes + first + _NO_COMMENTS + last


def _title(comments: bytes) -> list[Piece]:
    """Artist and title of Vorbis comments, which Opus and FLAC have as well."""
    found: dict[str, str] = {}
    with suppress(struct.error):  # cut off behind what is kept of them
        (vendor,) = struct.unpack_from("<I", comments)
        (count,) = struct.unpack_from("<I", comments, 4 + vendor)
        place = 8 + vendor
        for _ in range(min(count, _COMMENTS)):
            (length,) = struct.unpack_from("<I", comments, place)
            name, equals, value = comments[place + 4 : place + 4 + min(length, 4096)].partition(b"=")
            place += 4 + length
            if equals and name.isascii():
                found.setdefault(name.decode().lower(), words(value))
    text = tidy(" - ".join(filter(None, (found.get("artist"), found.get("title")))))
    return [Says(text)] if text else []
