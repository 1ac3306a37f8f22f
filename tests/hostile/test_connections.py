"""What is no HTTP, or HTTP that lies or never ends: sent byte by byte over sockets."""

import socket
from collections.abc import Iterable, Iterator
from itertools import repeat
from time import monotonic

import pytest

from api.protocol import MAX_HEAD
from tests.service import Service

POST = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
GENRES = b"GET /v1/genres HTTP/1.1\r\nhost: x\r\n"
QUERY = b'{"query":"{ __typename }"}'


def talk(service: Service, parts: Iterable[bytes], seconds: float = 3.0) -> tuple[bytes, bool]:
    """(what the service said, whether it closed the connection), within a time."""
    said = b""
    with socket.create_connection(("127.0.0.1", service.port), timeout=seconds) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass  # it has hung up on us; what it said may still be read
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            connection.settimeout(left)
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                return said, False
            except OSError:
                return said, True
            if not chunk:
                return said, True
            said += chunk
    return said, False


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        GENRES + b"a: \0b\r\n\r\n",
        GENRES + b"no colon\r\n\r\n",
        b"\0" * 1000,
        POST + b"content-length: -5\r\n\r\n{}",
        POST + b"content-length: 5, 7\r\n\r\n{}",
        POST + b"content-length: 5\r\ncontent-length: 7\r\n\r\n{}",
        POST + b"content-length: 0x10\r\n\r\n{}",
        POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"CONNECT a:80 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/genres HTTP/1.1\r\nhost: x\r\n\xff\xfe: \xff\r\n\r\n",
    ],
    ids=range(15),
)
def test_what_is_no_http_is_refused(service: Service, sent: bytes) -> None:
    before = service.cpu_ms()
    said, closed = talk(service, [sent])
    assert status(said) == 400
    assert closed
    assert service.cpu_ms() - before < 50


def _authorised(test_key: str) -> bytes:
    return POST + b"x-api-key: " + test_key.encode() + b"\r\n"


def test_a_length_without_the_body(service: Service, test_key: str) -> None:
    """10^18 bytes are refused before the first one."""
    said, _ = talk(service, [_authorised(test_key) + b"content-length: 1000000000000000000\r\n\r\n{"], 1)
    assert status(said) == 413


def test_more_than_the_length_is_another_request(service: Service, test_key: str) -> None:
    said, closed = talk(service, [_authorised(test_key) + b"content-length: 5\r\n\r\n" + QUERY])
    assert status(said) == 400
    assert closed


def test_chunks_without_end(service: Service, test_key: str) -> None:
    before = service.cpu_ms()
    head = _authorised(test_key) + b"transfer-encoding: chunked\r\n\r\n"
    said, _ = talk(service, [head, *repeat(b"1000\r\n" + b"a" * 4096 + b"\r\n", 100)], 1)
    assert status(said) == 413
    assert service.cpu_ms() - before < 50


@pytest.mark.parametrize("start", [b"GET /v1/", GENRES + b"a: "])
def test_heads_without_end(service: Service, start: bytes) -> None:
    """A line of 20 MB took 1.3 s and was kept."""
    before = service.cpu_ms()
    said, closed = talk(service, [start, *repeat(b"a" * 65536, 320)])
    assert closed
    assert status(said) in {0, 431}  # 0: the answer was lost behind what we were still sending
    assert service.cpu_ms() - before < 50


def test_headers_without_end(service: Service) -> None:
    before, memory = service.cpu_ms(), service.memory_mb()
    said, closed = talk(service, [GENRES, *repeat(b"a: b\r\n" * 10_000, 300)])
    assert closed
    assert status(said) in {0, 431}
    assert service.cpu_ms() - before < 100  # one read may bring 256 KB, which are parsed before they are counted
    assert service.memory_mb() - memory < 50


def test_a_head_within_bounds_in_small_pieces(service: Service, test_key: str) -> None:
    """Bounds hold for the head alone: keep-alive, pieces and a large body do not add up."""
    key = b"x-api-key: " + test_key.encode() + b"\r\n"

    def pieces() -> Iterator[bytes]:
        for _ in range(3):
            head = GENRES + key + b"a: " + b"a" * (MAX_HEAD - 2_000) + b"\r\n\r\n"
            yield from (head[at : at + 10_000] for at in range(0, len(head), 10_000))
        body = b'{"query":"{ __typename }","variables":{"a":"' + b"x" * 200_000 + b'"}}'
        yield (
            _authorised(test_key)
            + b"connection: close\r\ncontent-length: "
            + str(len(body)).encode()
            + b"\r\n\r\n"
            + body
        )

    said, closed = talk(service, pieces(), 5)
    assert closed
    assert said.count(b"HTTP/1.1 200 OK") == 4


def test_many_connections_that_say_nothing(service: Service) -> None:
    """They are let be for a while, and nobody else waits."""
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(200)]
    try:
        for number, connection in enumerate(silent):
            connection.sendall(POST[: number % 40])
        said, _ = talk(service, [GENRES + b"connection: close\r\n\r\n"])
        assert status(said) == 401
    finally:
        for connection in silent:
            connection.close()


def test_connections_that_hang_up_in_the_middle(service: Service, test_key: str) -> None:
    head = _authorised(test_key) + b"content-length: 1000\r\n\r\n"
    before = service.cpu_ms()
    for number in range(50):
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall((head + QUERY)[: len(head) - 10 + number])
    assert (service.cpu_ms() - before) / 50 < 50
