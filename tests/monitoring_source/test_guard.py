"""No station leads us to an address that nobody may make us connect to: not at first, and not at any hop."""

import json
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_network
from pathlib import Path

import pytest
import pytest_asyncio

from sonograph.egress.urls import Blocked
from sonograph.errors import Invalid
from sonograph.monitoring.source.clock import SystemClock
from sonograph.monitoring.source.items import Item, Sound, Trouble
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.probe import probe
from sonograph.monitoring.source.terms import Terms
from tests.monitoring_source.listening import heard, reason
from tests.monitoring_source.sounds import aac, mp3
from tests.monitoring_source.stations import CALM, LOOPBACK, OK, Station, station

HOME = "127.0.0.2"
OPENED = (ip_network(f"{HOME}/32"),)  # so that a station there may lead elsewhere
_FILE = Path(__file__).parents[2].parent / "shared/data/address_guard_corpus.json"
_CORPUS = json.loads(_FILE.read_text(encoding="utf-8"))
REFUSED = [url for url in _CORPUS["urls_refuse"] if "rebind" not in url]  # for which there is a test of its own


async def all_names_lead_here(host: str, _port: int) -> Sequence[str]:
    return [host if host[:1].isdigit() or ":" in host else "127.0.0.1"]


BY = Means(ask=all_names_lead_here, patience=CALM)


@pytest_asyncio.fixture
async def canary() -> AsyncIterator[Station]:
    """On an address that is not open, with sound for whoever comes."""
    async with station(host="127.0.0.1") as there:
        there.sends("/", OK, mp3(2.0))
        yield there


@pytest_asyncio.fixture
async def radio() -> AsyncIterator[Station]:
    async with station(host=HOME) as running:
        yield running


def at(template: str, canary: Station) -> str:
    return template.replace("{P}", canary.url.rpartition(":")[2])


async def test_probes(canary: Station) -> None:
    for template in REFUSED:
        with pytest.raises(Invalid) as raised:
            await probe(at(template, canary), allowed=(), means=BY)
        assert raised.value.field == "url"
    assert not canary.asked


async def test_redirects(radio: Station, canary: Station) -> None:
    for number, template in enumerate(REFUSED):
        location = b"Location: " + at(template, canary).encode() + b"\r\n\r\n"
        there = radio.sends(f"/{number}", b"HTTP/1.1 302 Found\r\n" + location)
        items = await heard(there, allowed=OPENED, by=BY)
        assert not any(isinstance(item, Sound) for item in items), template
    assert not canary.asked


async def test_playlists(radio: Station, canary: Station) -> None:
    for number, template in enumerate(REFUSED):
        there = radio.sends(f"/{number}", OK, b"[playlist]\nFile1=" + at(template, canary).encode() + b"\n")
        items = await heard(there, allowed=OPENED, by=BY)
        assert not any(isinstance(item, Sound) for item in items), template
    assert not canary.asked


async def test_pieces_of_hls(radio: Station, canary: Station) -> None:
    head = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
    target = canary.url.encode()
    radio.sends("/own", OK, aac(2.0))
    radio.sends("/redirected", b"HTTP/1.1 302 Found\r\nLocation: " + target + b"/\r\n\r\n")
    lists = {
        "/piece": head + b"#EXTINF:1,\nown\n#EXTINF:1,\n" + target + b"/\n",
        "/start": head + b'#EXT-X-MAP:URI="' + target + b'/"\n#EXTINF:1,\nown\n',
        "/quality": b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000\n" + target + b"/\n",
        "/moved": head + b"#EXTINF:1,\nredirected\n",
    }
    for path, text in lists.items():
        said = reason(await heard(radio.sends(path, OK, text), allowed=OPENED))
        assert said.startswith("We may not connect to a part of the stream: 127.0.0.1 "), path
    assert not canary.asked


async def test_a_name_that_leads_elsewhere_the_second_time(canary: Station) -> None:
    """Rebinding: good when it is looked at, ours later. Each connection looks the name up once, and keeps to it."""
    answers = [HOME, "127.0.0.1"]

    async def ask(_host: str, _port: int) -> Sequence[str]:
        return [answers.pop(0)] if len(answers) > 1 else answers

    troubles: list[str] = []

    def twice(item: Item) -> bool:
        troubles.extend([item.reason] if isinstance(item, Trouble) else [])
        return len(troubles) == 2

    port = int(canary.url.rpartition(":")[2])
    async with station(host=HOME, port=port) as radio:
        radio.sends("/", OK, mp3(2.0))
        by = Means(ask=ask, patience=CALM, clock=SystemClock())
        items = await heard(f"http://radio.example:{port}/", twice, allowed=OPENED, by=by)
        assert len(radio.asked) == 1
    assert any(isinstance(item, Sound) for item in items)
    assert troubles[0] == "The station ended the connection."
    assert troubles[1].startswith("We may not connect: it leads to 127.0.0.1")
    assert not canary.asked


def test_localhost_is_no_name_of_an_opened_network() -> None:
    """Which is about addresses: the name may lead to one of them and to others."""
    terms = Terms.of(LOOPBACK, None, titles=False)
    assert terms.checked("http://127.0.0.1:8000/live").port == 8000
    with pytest.raises(Blocked, match="the host is no name of the public internet"):
        terms.checked("http://localhost:8000/live")
