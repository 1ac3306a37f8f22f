"""A listener of the feed that reads nothing at all, over a real connection."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest
from starlette.types import Message
from uvicorn.protocols.http.flow_control import FlowControl

from api.outlet import ChunkedOutlet
from compat_rest.v1 import event_stream
from compat_rest.v1.event_stream import Listener, ascii_json, frame, number_of
from sonograph.events.event import Event
from sonograph.events.hub import Hub
from sonograph.events.member import Ending, QueueMember
from sonograph.events.outlet import chunk
from tests.events.conftest import play, topic, written

pytestmark = pytest.mark.database
BIG = b'"' + b"x" * 40_000 + b'"'
LIMIT = 60.0  # seconds: only bounds what hangs


class Served(asyncio.Protocol):
    """The server's side of a connection, as uvicorn has it."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.made, self.lost = loop.create_future(), loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.flow = FlowControl(transport)
        self.outlet = ChunkedOutlet(transport, self.flow)
        self.made.set_result(None)

    def pause_writing(self) -> None:
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        self.flow.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)
        self.flow.resume_writing()


async def big(events: Sequence[Event]) -> list[bytes]:
    return [chunk(frame(event.id, event.type.wire, BIG)) for event in events]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "TAKE_SECONDS", 0.3)


@pytest.mark.usefixtures("soon")
async def test_it_is_cut_off_and_loses_nothing(pool: asyncpg.Pool, account: int, hub: Hub, tmp_path: Path) -> None:
    served = Served()

    async def send(message: Message) -> None:
        raise AssertionError(message)  # there is no room for a goodbye

    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: served, tmp_path / "feed")  # a small buffer of the system's
    reader, writer = await asyncio.open_unix_connection(tmp_path / "feed", limit=1024)
    await served.made
    listener = Listener(served.outlet, {"type": "http"}, send, lambda: 0)
    broadcast = hub.broadcast(topic(account), "big", big)
    await listener.join(broadcast, hub.latest())
    numbers = await written(pool, [play(account) for _ in range(60)])
    async with asyncio.timeout(LIMIT):
        await served.lost
    assert listener.ended is Ending.SLOW
    assert len(broadcast) == 0
    got = await reader.read(-1)
    server.close()
    writer.close()
    whole = [number_of(part) for part in got.split(b"\n\n")[:-1]]
    assert whole == numbers[: len(whole)]
    assert 0 < len(whole) < 30  # what lay in buffers: 256 KiB of ours, and the system's
    again = QueueMember(max_bytes=10_000_000)
    await hub.broadcast(topic(account), "big", big).join(again, whole[-1])
    assert [number_of(payload) for payload in again._queue] == numbers[len(whole) :]


def test_ascii() -> None:
    assert ascii_json('"é\u2028𝄞\U0010ffff"'.encode()) == b'"\\u00e9\\u2028\\ud834\\udd1e\\udbff\\udfff"'
    assert ascii_json(b'"plain"') == b'"plain"'
    assert number_of(chunk(frame(42, "stream.online", b'"evt_7\\n"'))) == 42
