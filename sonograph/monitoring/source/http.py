"""HTTP as radio stations speak it. Libraries fail on `ICY 200 OK`, on `icy-name :`, and lose headers on bare LF."""

import asyncio
import re
from dataclasses import dataclass

from sonograph.egress.connection import Streams, Unreachable, connect
from sonograph.egress.urls import Url
from sonograph.monitoring.source.chunks import Dechunker
from sonograph.monitoring.source.faults import NOT_HTTP, Fault
from sonograph.monitoring.source.terms import Terms

# Some servers show a web page to whatever says that it is Mozilla.
_REQUEST = (
    "GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Sonograph (radio monitoring)\r\nAccept: */*\r\n"
    "Accept-Encoding: identity\r\nIcy-MetaData: {titles:d}\r\n{more}Connection: close\r\n\r\n"
)
_STATUS = re.compile(rb"(?:HTTP/\d(?:\.\d)?|ICY)[ \t]+(\d{3})(?!\d)")
_MOST_HEAD = 32_768  # bytes
_MOST_INTERIM = 4  # answers of the kind "100 Continue" before the one that counts
_READ = 16_384  # bytes at a time
_FINAL = 200  # statuses below announce another


@dataclass(frozen=True, slots=True)
class Head:
    status: int
    headers: dict[str, str]  # names in lower case; of those that come twice, the first

    def number(self, name: str) -> int | None:
        """A header that holds a number, as in `128`, `128,128` and `128 kbps`; None for what begins with none."""
        match = re.match(r"\s*(\d{1,12})", self.headers.get(name, ""))
        return int(match[1]) if match else None


class Answer:
    """An answer whose body is read as it comes. Close it."""

    def __init__(self, url: Url, head: Head, streams: Streams, early: bytes) -> None:
        self.url = url
        self.head = head
        self._reader, self._writer = streams
        self._early = early  # read along with the head
        self._size = 0  # bytes of the body that came
        self._back = b""
        self._chunks = Dechunker() if "chunked" in head.headers.get("transfer-encoding", "").lower() else None

    @property
    def complete(self) -> bool:
        """Whether as much came as was said beforehand, and no more. Some stations say any number."""
        return self._chunks is None and self._size == self.head.number("content-length")

    async def read(self) -> bytes:
        """What is there, once there is something; nothing at the end. May be cancelled without loss."""
        if self._back:
            data, self._back = self._back, b""
            return data
        while self._chunks is None or not self._chunks.ended:
            data = await self._raw()
            if not data or self._chunks is None:
                return data
            data = self._chunks.feed(data)
            if data:
                return data
        return b""

    def put_back(self, data: bytes) -> None:
        """The next `read` gives this."""
        self._back = data + self._back

    async def whole(self, most: int) -> bytes:
        """All of the body, which is at most `most` bytes or a fault."""
        length = self.head.number("content-length")
        pieces, size = [], 0
        while length is None or size < length:
            piece = await self.read()
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise Fault(f"{self.url.host} sends more than {most >> 10} KiB for a playlist or a piece of one.")
        return b"".join(pieces)[: size if length is None else length]

    def close(self) -> None:
        self._writer.close()

    async def _raw(self) -> bytes:
        if self._early:
            data, self._early = self._early, b""
        else:
            try:
                data = await self._reader.read(_READ)
            except OSError:  # TLS that ends without saying so is one as well
                return b""
        self._size += len(data)
        return data


async def ask(url: Url, terms: Terms, more: str = "") -> Answer:
    """The answer to GET, whatever its status; `more` are further headers. Raises `Blocked`, or `Fault`."""
    means = terms.means
    try:
        streams = await connect(url, terms.allowed, ask=means.ask, context=means.context)
    except Unreachable as unreachable:
        raise Fault(f"{str(unreachable)[:1].upper()}{str(unreachable)[1:]}.") from None
    try:
        async with asyncio.timeout(means.patience.answer):
            streams[1].write(
                _REQUEST.format(target=url.target, host=url.authority, titles=terms.titles, more=more).encode("ascii")
            )
            head, early = await _head(streams[0])
    except TimeoutError:
        streams[1].close()
        raise Fault(f"{url.host} does not answer within {means.patience.answer:.0f} s.") from None
    except OSError:
        streams[1].close()
        raise Fault(f"{url.host} broke the connection.") from None
    except BaseException:
        streams[1].close()
        raise
    return Answer(url, head, streams, early)


async def _head(reader: asyncio.StreamReader) -> tuple[Head, bytes]:
    """The head, and what came of the body with it."""
    data = b""
    for _ in range(_MOST_INTERIM + 1):
        while not (end := re.search(rb"\r?\n\r?\n", data)):
            if len(data) > _MOST_HEAD:
                raise Fault("The station's answer has no end of headers.")
            piece = await reader.read(_READ)
            if not piece:
                raise Fault(NOT_HTTP if data else "The station closes the connection without an answer.")
            data += piece
            if not b"HTTP/".startswith(data[:5]) and not b"ICY ".startswith(data[:4]):
                raise Fault(NOT_HTTP)
        head = _parsed(data[: end.start()])
        data = data[end.end() :]
        if head.status >= _FINAL:
            return head, data
    raise Fault("The station announces an answer and does not give it.")


def _parsed(text: bytes) -> Head:
    first, *lines = text.split(b"\n")
    match = _STATUS.match(first)
    if match is None:
        raise Fault(NOT_HTTP)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:
            headers.setdefault(name.strip().decode("latin-1").lower(), words(value))
    return Head(int(match[1]), headers)


def words(raw: bytes) -> str:
    """Text of a station, in UTF-8 or, where it is none, in what was usual before; on one line."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
