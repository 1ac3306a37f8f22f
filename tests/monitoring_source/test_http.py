"""Answers as stations really give them."""

import pytest

from sonograph.monitoring.source.items import Connected, Sound, Title
from sonograph.monitoring.source.receiver import RATE
from tests.monitoring_source.listening import heard, sound
from tests.monitoring_source.sounds import decoded, mp3
from tests.monitoring_source.stations import Request, station

HEADS = {
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: Radio Caf\xc3\xa9\r\nicy-br:128\r\n\r\n",
    "ICY": b"ICY 200 OK\r\nicy-notice1:<BR>This stream requires <a>Winamp</a><BR>\r\nicy-name:Radio Caf\xe9\r\n"
    b"icy-br:128,128\r\n\r\n",
    "status without reason": b"HTTP/1.1 200\r\nicy-name : Radio Caf\xe9\r\nicy-br: 128 kbps\r\n\r\n",
    "bare line feeds": b"HTTP/1.0 200 OK\nicy-name:Radio Caf\xe9\nicy-br:128\n\n",
    "twice": b"HTTP/1.0 200 OK\r\nicy-name:Radio Caf\xe9\r\nicy-name:Other\r\nicy-br:128\r\nicy-br:0\r\n\r\n",
    "lengths that are not true": b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\nicy-name: Radio  Caf\xe9\r\n"
    b"icy-br:128\r\n\r\n",
    "an interval that is none": b"ICY 200 OK\r\nicy-name:Radio Caf\xe9\r\nicy-metaint:0\r\nicy-br:128\r\n\r\n",
    "wrong types": b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nicy-name:Radio Caf\xe9\r\nicy-br: 128\r\n\r\n",
    "lines without colon": b"HTTP/1.0 200 OK\r\nnonsense\r\nicy-name:Radio Caf\xe9\r\nicy-br:128\r\n\r\n",
    "another answer before": b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nicy-name:Radio Caf\xe9\r\nicy-br:128\r\n\r\n",
    "tags before": b"HTTP/1.0 200 OK\r\nicy-name:Radio Caf\xe9\r\nicy-br:128\r\n\r\nID3\x04\0\0\0\0\x01\0" + bytes(128),
}


@pytest.mark.parametrize("kind", HEADS)
async def test_any_head_is_read(kind: str) -> None:
    async with station() as radio:
        items = await heard(radio.sends("/", HEADS[kind], mp3(2.0)))
    connected = items[0]
    assert isinstance(connected, Connected)
    assert (connected.codec, connected.name, connected.bitrate) == ("mp3", "Radio Café", 128)
    assert len(sound(items)) == len(decoded(mp3(2.0)))


async def test_what_is_asked() -> None:
    async with station() as radio:
        await heard(f"{radio.url}/live?a=%20b")
        head = radio.asked[0]
    assert head.startswith("GET /live?a=%20b HTTP/1.1\r\n")
    assert "\r\nIcy-MetaData: 1\r\n" in head
    assert f"\r\nHost: {radio.url.removeprefix('http://')}\r\n" in head
    assert "Mozilla" not in head


def with_titles(data: bytes, interval: int, titles: list[bytes]) -> bytes:
    """A title behind each interval, and behind the last of them none."""
    out = b""
    for number in range(0, len(data), interval):
        piece = data[number : number + interval]
        title = titles[number // interval] if number // interval < len(titles) else b""
        out += piece
        if len(piece) == interval:
            size = -(-len(title) // 16)
            out += bytes([size]) + title.ljust(16 * size, b"\0")
    return out


TITLES = [
    b"StreamTitle='Artist - It''s \xe9';StreamUrl='';",
    b"",
    b"StreamTitle='AC/DC - Rock 'n' Roll; Ain't \xc3\xa9';StreamUrl='http://a';",
    b"StreamTitle=' - ';",
    b"StreamTitle='';",
    b"StreamTitle='R&amp;B \xe2\x80\xa8 &#39;x&#39;';adw_ad='true';",
    b"StreamTitle='R&amp;B \xe2\x80\xa8 &#39;x&#39;';",
    b"StreamTitle='no end",
]


@pytest.mark.parametrize("chunked", [False, True])
async def test_titles_between_the_sound(*, chunked: bool) -> None:
    body = with_titles(mp3(6.0), 8192, TITLES)
    head = b"ICY 200 OK\r\nicy-metaint: 8192\r\n"

    async def behaviour(request: Request) -> None:
        if not chunked:
            await request.send(head, b"\r\n", body)
            return
        await request.send(head, b"Transfer-Encoding: Chunked\r\n\r\n")
        for place in range(0, len(body), 1000):
            piece = body[place : place + 1000]
            await request.send(b"%X; name=value\r\n%s\r\n" % (len(piece), piece))
        await request.send(b"0\r\nTrailer: x\r\n\r\n")

    async with station() as radio:
        items = await heard(radio.on("/", behaviour))
    titles = [item for item in items if isinstance(item, Title)]
    assert [title.text for title in titles] == ["Artist - It's é", "AC/DC - Rock 'n' Roll; Ain't é", "R&B 'x'"]
    assert len(sound(items)) == len(decoded(mp3(6.0)))
    begin = next(item.at for item in items if isinstance(item, Sound))
    for title, place in zip(titles, (1, 3, 6), strict=True):  # 8,192 bytes are 0.512 s, less what the decoder holds
        assert title.at - begin == pytest.approx(place * 0.512, abs=0.1)


async def test_titles_that_were_promised_and_do_not_come() -> None:
    """Some relays pass the header on and not the titles: then all is sound."""
    async with station() as radio:
        items = await heard(radio.sends("/", b"ICY 200 OK\r\nicy-metaint: 5000\r\n\r\n", mp3(2.0)))
    assert len(sound(items)) >= len(decoded(mp3(2.0))) - RATE // 10


async def test_titles_may_be_left_alone() -> None:
    body = with_titles(mp3(2.0), 8192, TITLES)
    async with station() as radio:
        items = await heard(radio.sends("/", b"ICY 200 OK\r\nicy-metaint: 8192\r\n\r\n", body), titles=False)
        assert "\r\nIcy-MetaData: 0\r\n" in radio.asked[0]
    assert not any(isinstance(item, Title) for item in items)
    assert len(sound(items)) == len(decoded(mp3(2.0)))
