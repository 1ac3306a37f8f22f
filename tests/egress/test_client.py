"""Requests to addresses that strangers chose: guarded at each attempt, and whatever they answer is bounded."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network
from time import process_time

import pytest

from sonograph.egress.client import MAX_BODY, Client
from sonograph.egress.faults import Failed
from sonograph.egress.urls import Blocked, Rules
from tests.egress.canary import CORPUS, Canary, resolver

LOOPBACK = (ip_network("127.0.0.0/8"),)
ANYTHING = Rules(schemes=("http", "https"), ports=None)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiver(serve: Serve) -> AsyncIterator[str]:
    """URL of a server that answers as told, connection by connection."""
    open_ones = set[asyncio.StreamWriter]()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        try:
            await serve(reader, writer)
        except OSError:
            pass
        finally:
            open_ones.discard(writer)
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()
        for writer in list(open_ones):
            writer.transport.abort()
        await server.wait_closed()


def answering(*pieces: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return serve


@pytest.mark.parametrize("template", CORPUS["urls_refuse"])
async def test_no_address_of_the_corpus_reaches_this_machine(canary: Canary, template: str) -> None:
    refusals = 0
    async with Client(rules=ANYTHING, ask=resolver()) as client:
        for _ in range(3):  # a name may lead elsewhere each time
            try:
                await client.post(template.replace("{P}", str(canary.port)), b"{}", {}, 0.3)
            except Blocked:
                refusals += 1
            except Failed:
                pass  # the public address, which is not to be had here
    assert refusals >= (2 if "rebind" in template else 3)
    assert not canary.visits


async def test_proxies_of_the_environment_are_not_used(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    async with Client(rules=ANYTHING, ask=resolver()) as client:
        with pytest.raises(Blocked):
            await client.post("http://private.attacker-domain.com/", b"", {}, 1)
    assert not canary.visits


async def test_an_answer() -> None:
    asked = list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            asked.append(head + await reader.readexactly(4))
            writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 4\r\nX-A: 1\r\nx-a: 2\r\n\r\n" + asked[-1][-4:])

    async with receiver(serve) as url, Client(LOOPBACK) as client:
        for _ in range(2):
            answer = await client.post(f"{url}?a=%7E&b=ü", b"body", {"x-one": "1"}, 5)
            assert (answer.status, answer.body, answer.cut) == (202, b"body", False)
            assert [value for name, value in answer.headers if name.lower() == "x-a"] == ["1", "2"]
    assert len(asked) == 2  # over one connection, which this server serves until it is closed
    assert asked[0].startswith(b"POST /hook?a=%7E&b=%C3%BC HTTP/1.1\r\n")
    assert b"x-one: 1\r\n" in asked[0]


async def test_redirects_are_answers_and_not_followed(canary: Canary) -> None:
    location = f"http://127.0.0.1:{canary.port}/".encode()
    text = b"HTTP/1.1 307 Go\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n" % location
    async with receiver(answering(text)) as url, Client(LOOPBACK) as client:
        assert (await client.post(url, b"", {}, 5)).status == 307
    assert not canary.visits


async def test_ten_gigabytes_are_not_read() -> None:
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n")
        while True:
            writer.write(bytes(1 << 16))
            await writer.drain()
            sent += 1 << 16

    async with receiver(serve) as url, Client(LOOPBACK) as client:
        answer = await client.post(url, b"", {}, 5)
        assert answer.cut
        assert len(answer.body) == MAX_BODY
        await asyncio.sleep(0)
    assert sent < 16 << 20  # what buffers of both sides hold


async def test_a_packed_answer_is_not_unpacked() -> None:
    text = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00"
    async with receiver(answering(text)) as url, Client(LOOPBACK) as client:
        assert (await client.post(url, b"", {}, 5)).body == b"\x1f\x8b\x08\x00"


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: 1\r\n" % n for n in range(5000))], "too many or too long"),
        ([b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000 + b"\r\n\r\n"], "too many or too long"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], "no HTTP"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"], "ended before its end"),
        ([b""], "closed without an answer"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" * 3], "closed without an answer"),
    ],
)
async def test_answers_that_are_none(pieces: list[bytes], said: str) -> None:
    async with receiver(answering(*pieces)) as url, Client(LOOPBACK) as client:
        with pytest.raises(Failed, match=said) as failed:
            await client.post(url, b"", {}, 5)
    assert not failed.value.ours


async def _trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes, then: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(first)
    while True:
        writer.write(then)
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"x: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", b""),
    ],
)
async def test_slow_and_endless_answers_end_in_time(first: bytes, then: bytes) -> None:
    used = process_time()
    async with (
        receiver(lambda reader, writer: _trickle(reader, writer, first, then)) as url,
        Client(LOOPBACK) as client,
    ):
        with pytest.raises(Failed, match=r"no answer within 0\.3 s") as failed:
            await client.post(url, b"", {}, 0.3)
    assert failed.value.seconds >= 0.3
    assert process_time() - used < 0.3


async def test_headers_cannot_be_smuggled() -> None:
    async with receiver(answering(OK)) as url, Client(LOOPBACK) as client:
        with pytest.raises((Failed, ValueError)):
            await client.post(url, b"", {"x-one": "1\r\nx-two: 2"}, 5)


async def _raising(error: OSError, _host: str, _port: int) -> Sequence[str]:
    raise error


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), True),
    ],
)
async def test_whose_fault_it_is_when_a_name_is_not_found(error: OSError, *, ours: bool) -> None:
    async with Client(ask=lambda host, port: _raising(error, host, port)) as client:
        with pytest.raises(Failed, match=r"no host hooks\.example\.org") as failed:
            await client.post("https://hooks.example.org/", b"", {}, 5)
    assert failed.value.ours is ours


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with Client(LOOPBACK) as client:
        with pytest.raises(Failed, match="Connection refused") as failed:
            await client.post(f"http://127.0.0.1:{port}/", b"", {}, 5)
    assert not failed.value.ours


async def test_plain_http_and_other_ports_only_where_networks_were_opened() -> None:
    async with Client() as client:
        for url in ("http://example.com/", "https://example.com:9000/"):
            with pytest.raises(Blocked):
                await client.post(url, b"", {}, 1)
