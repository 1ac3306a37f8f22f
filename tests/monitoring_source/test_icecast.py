"""A real icecast2: its burst, its titles, its fallback, its refusals."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from pathlib import Path

import pytest

from benchmarks.streams.icecast import Icecast, SourceClient, icecast
from sonograph.errors import Invalid
from sonograph.monitoring.source.items import Connected, Item, Sound, Title
from sonograph.monitoring.source.patience import Patience
from sonograph.monitoring.source.probe import probe
from sonograph.monitoring.source.reader import listen
from tests.monitoring_source.sounds import mp3, ogg
from tests.monitoring_source.stations import LOOPBACK, means

pytestmark = pytest.mark.skipif(shutil.which("icecast2") is None, reason="icecast2 is not installed")
MOUNTS = """
<mount type="normal"><mount-name>/main.mp3</mount-name><fallback-mount>/spare.mp3</fallback-mount>
<fallback-override>1</fallback-override></mount>
<mount type="normal"><mount-name>/members.mp3</mount-name><authentication type="htpasswd">
<option name="filename" value="{folder}/listeners"/><option name="allow_duplicate_users" value="0"/></authentication>
</mount>"""


@pytest.fixture(scope="module")
def server(open_folder: Path) -> Iterator[Icecast]:
    folder = open_folder / "icecast"
    with icecast(folder, MOUNTS.format(folder=folder)) as running:
        yield running


@asynccontextmanager
async def on_air(server: Icecast, mount: str, data: bytes, kind: str = "audio/mpeg") -> AsyncIterator[None]:
    """A station that plays six seconds over and over."""
    client = SourceClient(server, mount, kind, data, 6.0)
    playing = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(10):
            await client.on_air.wait()
        yield
    finally:
        playing.cancel()
        with suppress(asyncio.CancelledError):
            await playing


async def test_burst_name_and_titles(server: Icecast) -> None:
    by = means(Patience())
    items: list[Item] = []
    async with on_air(server, "/titles.mp3", mp3(6.0)):
        await server.title("/titles.mp3", "Bj%C3%B6rk%20-%20J%C3%B3ga")
        began = by.clock.now()
        async with asyncio.timeout(20), aclosing(listen(f"{server.url}/titles.mp3", allowed=LOOPBACK, means=by)) as it:
            async for item in it:
                items.append(item)
                if len(items) == 12:
                    break
    connected = items[0]
    assert isinstance(connected, Connected)
    assert (connected.codec, connected.name, connected.bitrate) == ("mp3", "Radio", 128)
    assert connected.at < began - 3  # 64 KiB are 4.1 s
    assert [item.text for item in items if isinstance(item, Title)] == ["Björk - Jóga"]


async def test_fallback_and_back(server: Icecast) -> None:
    """The listener moves to the spare mount and back without losing its connection."""
    spare = on_air(server, "/spare.mp3", mp3(6.0, 2))
    main = AsyncExitStack()
    async with spare, main, asyncio.timeout(40):
        await main.enter_async_context(on_air(server, "/main.mp3", mp3(6.0)))
        listening = listen(f"{server.url}/main.mp3", allowed=LOOPBACK, means=means(Patience()))
        kinds: list[type[Item]] = []
        async with aclosing(listening):
            async for item in listening:
                kinds.append(type(item))
                if len(kinds) == 10:
                    await main.aclose()
                if len(kinds) == 25:
                    break
    assert set(kinds[1:]) <= {Sound, Title}


async def test_ogg(server: Icecast) -> None:
    async with on_air(server, "/song.ogg", ogg("vorbis", 6.0, 1, "A", "B"), "application/ogg"):
        found = await probe(f"{server.url}/song.ogg", allowed=LOOPBACK)
    assert (found.codec, found.name) == ("vorbis", "Radio")


async def test_refusals(server: Icecast) -> None:
    async with on_air(server, "/members.mp3", mp3(6.0)):
        with pytest.raises(Invalid, match="asks for a password"):
            await probe(f"{server.url}/members.mp3", allowed=LOOPBACK)
    with pytest.raises(Invalid, match="no stream at this address"):
        await probe(f"{server.url}/nothing.mp3", allowed=LOOPBACK)
    with pytest.raises(Invalid, match="web page"):
        await probe(f"{server.url}/status.xsl", allowed=LOOPBACK)
