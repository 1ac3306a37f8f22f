"""Playlists lead to the station, whatever they are called."""

from pathlib import Path
from time import process_time

import pytest

from sonograph.monitoring.source.items import Connected, Sound
from sonograph.monitoring.source.playlists import absolute, entries, is_page
from tests.monitoring_source.listening import heard, reason
from tests.monitoring_source.sounds import mp3
from tests.monitoring_source.stations import OK, Request, station

PLAYLISTS = {
    "pls": "[playlist]\r\nNumberOfEntries=2\r\nFile1=http://127.0.0.1:1/no\r\nfile2 = {url}/live\r\nTitle1=x\r\n",
    "m3u": "{url}/live\n",
    "m3u, extended": "\ufeff#EXTM3U\r\n#EXTINF:-1,Radio\r\n\r\nlive\r\n",
    "xspf": "<?xml version='1.0'?><playlist version='1' xmlns='http://xspf.org/ns/0/'><trackList><track>"
    "<title>&amp;</title><location>{url}/live</location></track></trackList></playlist>",
    "asx": "<ASX version = '3.0'><Entry><REF HREF = \"{url}/live\" /><Title>R&B<x></Entry></ASX>",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
async def test_a_playlist_leads_to_sound(kind: str) -> None:
    async with station() as radio:
        radio.sends("/live", OK, mp3(2.0))
        url = radio.sends("/list", OK, PLAYLISTS[kind].format(url=radio.url).encode())
        items = await heard(url, lambda item: isinstance(item, Sound))
    assert isinstance(items[0], Connected)


async def test_each_connection_asks_the_way_anew() -> None:
    """A station that moves its stream says so at its old address only."""

    async def way(request: Request) -> None:
        await request.send(b"HTTP/1.1 302 Found\r\nLocation: /live%d#here\r\n\r\n" % request.number)

    connected = 0

    def second(item: object) -> bool:
        nonlocal connected
        connected += isinstance(item, Connected)
        return connected == 2

    async with station() as radio:
        radio.sends("/live1", OK, mp3(2.0))
        radio.sends("/live2", b"HTTP/1.1 301 Moved\r\nLocation: list.m3u\r\n\r\n")
        radio.sends("/list.m3u", OK, b"http://" + radio.url[7:].encode() + b"/other place\n")
        radio.sends("/other%20place", OK, mp3(2.0))
        url = radio.on("/", way)
        await heard(url, second)
        paths = [head.split()[1] for head in radio.asked]
    assert paths == ["/", "/live1", "/", "/live2", "/list.m3u", "/other%20place"]


async def test_a_playlist_that_names_itself_ends() -> None:
    async with station() as radio:
        url = radio.sends("/", OK, f"{radio.url}/\n{radio.url}/?2\n".encode())
        assert "leads on and on" in reason(await heard(url))
        assert len(radio.asked) == 8


def test_entries_are_few_absolute_and_of_the_web() -> None:
    many = "#EXTM3U\n" + "".join(f"song{number}.mp3\n" for number in range(1000))
    assert entries(many.encode(), "http://a.example/x/y.m3u") == [f"http://a.example/x/song{n}.mp3" for n in range(5)]
    assert entries(b"#EXTM3U\nfile:///etc/passwd\nrtsp://a/b\n", "http://a.example/") == []
    entity = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a><location>&e;</location>"
    assert entries(entity, "http://a.example/") == []


def test_addresses_as_people_write_them() -> None:
    assert absolute("http://a.example/b/c", "../d e?f=ü#g") == "http://a.example/d%20e?f=%C3%BC"
    assert absolute("http://a.example/b", "//c.example/%20") == "http://c.example/%20"
    assert absolute("http://a.example/b", "javascript:alert(1)") is None


def test_web_pages_are_told_from_playlists() -> None:
    assert is_page(b"\n<!-- x --><HTML lang=en>")
    assert is_page(b"<?xml version='1.0'?><!DOCTYPE html><html>")
    assert not is_page(b"<asx><title>html</title></asx>")


@pytest.mark.parametrize("first", [b"<", b"[", b"#", b"{", b"http://"])
async def test_sound_that_begins_like_text_is_sound(first: bytes) -> None:
    """Who joins a stream joins in the middle of a frame: one in sixty begins with such a letter."""
    data = mp3(2.0)
    async with station() as radio:
        items = await heard(radio.sends("/", OK, first + data[300:]), lambda item: isinstance(item, Sound))
    assert isinstance(items[0], Connected)


def test_a_playlist_of_a_hundred_thousand_entries_costs_no_more_than_the_first() -> None:
    text = b"#EXTM3U\n" + b"a\n" * 130_000
    began = process_time()
    assert entries(text, "http://radio.example/") == ["http://radio.example/a"]
    assert process_time() - began < 1.0  # 2 s when all of them were made absolute, 0.01 s now


@pytest.mark.parametrize("text", [b"file:///music/a.mp3\n", b"#EXTM3U\n#EXTINF:9,A\nrtsp://radio.example/a\n"])
async def test_a_playlist_without_an_address_of_the_web(text: bytes) -> None:
    async with station() as radio:
        said = reason(await heard(radio.sends("/a.m3u", OK, text)))
    assert said == "The playlist names no address that can be read."


def test_letters_that_are_none_are_passed_by() -> None:
    text = b"<playlist><location>&#xD800;</location><location>http://radio.example/live</location></playlist>"
    assert entries(text, "http://radio.example/") == ["http://radio.example/live"]


def test_entities_read_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    entity = f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file://{tmp_path}/secret'>]>"
    text = f"<?xml version='1.0'?>{entity}<playlist><location>http://radio.example/&a;</location></playlist>"
    assert entries(text.encode(), "http://radio.example/") == ["http://radio.example/"]
