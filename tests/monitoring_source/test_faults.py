"""Each fault of a station is told in words that its owner understands."""

import asyncio
import struct
from dataclasses import replace

import pytest

from sonograph.egress import connection
from sonograph.monitoring.source.backoff import Backoff
from sonograph.monitoring.source.faults import of_status
from sonograph.monitoring.source.items import Connected, Sound, Trouble
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.patience import Patience
from tests.monitoring_source.listening import heard, reason, sound
from tests.monitoring_source.sounds import aac, encoded, mp3, noise, silence
from tests.monitoring_source.stations import CALM, OK, SHORT, Request, means, station

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n\xef\xbb\xbf <!docTYPE html><html><p>Radio"
ANSWERS: dict[str, tuple[bytes, str]] = {
    "401": (b"HTTP/1.0 401 Authentication Required\r\n\r\n", "The station asks for a password (401)."),
    "403": (b"HTTP/1.1 403 Forbidden\r\n\r\n", "The station refuses us (403)."),
    "404": (b"HTTP/1.1 404\r\n\r\n", "There is no stream at this address (404)."),
    "451": (b"HTTP/1.1 451 No\r\n\r\n", "The station is not available here for legal reasons (451)."),
    "ICY 503": (b"ICY 503 Full\r\n\r\n", "The station is full or not on air just now (503)."),
    "418": (b"HTTP/1.1 418 Teapot\r\n\r\n", "The station answers with status 418."),
    "page": (PAGE, "The address leads to a web page, not to a stream."),
    "json": (OK + b'{"error": "no such station", "at": 5}' * 9, "What comes is text that names no stream."),
    "nothing": (b"", "The station closes the connection without an answer."),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "What answers there is no web server and no radio station."),
    "empty": (OK, "The station ends the connection without sending anything."),
    "endless headers": (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 9000, "The station's answer has no end of headers."),
    "announcements": (b"HTTP/1.1 100 C\r\n\r\n" * 9, "The station announces an answer and does not give it."),
    "video": (OK.replace(b"audio/mpeg", b"video/mp4") + bytes(99), "This is a video, not a radio stream."),
    "Flash": (OK + b"FLV\x01" + bytes(99), "This is a video (Flash), not a radio stream."),
    "MP4": (OK + b"\0\0\0\x20ftypM4A " + bytes(99), "This is an MP4 file, not a radio stream."),
    "gzip": (
        OK + b"\x1f\x8b\x08" + bytes(99),
        "The station sends its stream compressed by gzip, which was not asked for.",
    ),
    "noise": (OK + bytes(99_999), "What comes is not sound of a kind that is read here: MP3, AAC, Ogg, FLAC or HLS."),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "The station's answer is garbled: it comes in chunks without sizes.",
    ),
    "nowhere": (b"HTTP/1.1 302 Found\r\n\r\n", "The station redirects to nowhere."),
    "mail": (b"HTTP/1.1 302 Found\r\nLocation: mailto:me\r\n\r\n", "The station redirects to nowhere."),
    "end": (OK + mp3(2.0), "The station ended the connection."),
}


@pytest.mark.parametrize("kind", ANSWERS)
async def test_what_an_answer_is_called(kind: str) -> None:
    answer, expected = ANSWERS[kind]
    async with station() as radio:
        assert reason(await heard(radio.sends("/", answer))) == expected


HANGING: dict[str, tuple[bytes, str]] = {
    "no answer": (b"", "127.0.0.1 does not answer within 0 s."),
    "half an answer": (b"HTTP/1.1 200 OK\r\n", "127.0.0.1 does not answer within 0 s."),
    "no sound": (OK, "The station accepts us and sends nothing for 0 s."),
    "sound that stops": (OK + mp3(2.0), "The station sends nothing for 0 s."),
    "playlist without end": (OK + b"#EXTM3U\n", "A playlist does not come to its end."),
}


@pytest.mark.parametrize("kind", HANGING)
async def test_stations_that_fall_silent(kind: str) -> None:
    start, expected = HANGING[kind]
    async with station() as radio:
        assert reason(await heard(radio.sends("/", start, hang=True), by=means(SHORT))) == expected


async def test_nobody_there() -> None:
    async with station() as radio:
        url = radio.url
    assert reason(await heard(url)) == "127.0.0.1 cannot be reached: Connection refused."


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_https_at_a_port_of_http(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which waits for the end of a line, or says that it cannot read this."""
    if not answer:
        monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.5)

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        if not answer:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        items = await heard(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    late = "" if answer else ", or not in 0 s"
    assert reason(items) == f"127.0.0.1 cannot be reached: it does not speak TLS (https){late}."


async def test_redirects_without_end() -> None:
    async def onward(request: Request) -> None:
        await request.send(b"HTTP/1.1 302 Found\r\nLocation: /%d\r\n\r\n" % len(radio.asked))

    async with station() as radio:
        for number in range(20):
            radio.on(f"/{number}", onward)
        items = await heard(radio.url + "/0")
        assert len(radio.asked) == 8
    assert reason(items) == "The address leads on and on: 8 redirects and playlists without a stream."


async def test_a_clean_end_after_sound_is_asked_again_at_once_and_then_ever_later() -> None:
    data = mp3(31.0)

    async def first_well(request: Request) -> None:
        await request.send(OK, data if request.number == 1 else b"")

    waits: list[float] = []

    def sixth(item: object) -> bool:
        waits.extend([item.retry_in] if isinstance(item, Trouble) else [])
        return len(waits) == 6

    async with station() as radio:
        await heard(radio.on("/", first_well), sixth)
    assert waits[0] == 0.0
    for number, wait in enumerate(waits[1:]):
        assert 0.75 <= wait / (CALM.shortest_wait * 2**number) <= 1.25


async def test_what_lasts_is_asked_seldom() -> None:
    async with station() as radio:
        for status, least, most in ((401, 11, 19), (404, 0.7, 1.3)):
            url = radio.sends(f"/{status}", b"HTTP/1.0 %d No\r\n\r\n" % status)
            items = await heard(url, by=Means(patience=Patience()))
            assert isinstance(items[-1], Trouble)
            assert least < items[-1].retry_in < most


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_station_that_is_away_for_a_while_is_found_again_soon(status: int) -> None:
    backoff = Backoff(Patience())
    waits = [backoff.after(of_status(status), 0.0) for _ in range(60)]
    early = next(count for count in range(60) if sum(waits[:count]) >= 600)
    assert max(waits[:early]) <= 30
    assert 30 < max(waits[early:]) <= 120
    assert backoff.after(of_status(status), 31.0) < 1.3, "sound begins it anew"


def test_what_is_refused_is_asked_every_five_minutes_at_the_most() -> None:
    for status in (401, 403, 451):
        backoff = Backoff(Patience())
        waits = [backoff.after(of_status(status), 0.0) for _ in range(9)]
        assert waits[0] > 11
        assert 180 <= min(waits[5:]) <= max(waits[5:]) <= 300


async def test_another_codec_within_a_connection() -> None:
    """As where the mount to fall back to is another codec: it takes half a minute's worth of bytes to notice."""
    async with station() as radio:
        items = await heard(radio.sends("/", OK, mp3(4.0), aac(9.0), mp3(9.0, 2, 320_000)))
    assert [item.codec for item in items if isinstance(item, Connected)] == ["mp3", "aac", "mp3"]
    assert len(sound(items)) > 15 * 11_025


async def test_another_rate_within_a_connection() -> None:
    slow = encoded(noise(4.0, 5, 22_050), "libmp3lame", "mp3", rate=22_050, bitrate=64_000, options={"write_xing": "0"})
    async with station() as radio:
        items = await heard(radio.sends("/", OK, mp3(4.0), slow, mp3(4.0)))
    assert len([item for item in items if isinstance(item, Connected)]) == 1
    assert len(sound(items)) == pytest.approx(12 * 11_025, abs=11_025 // 4)


async def test_a_stream_that_comes_slower_than_it_plays() -> None:
    data = mp3(6.0)

    async def trickle(request: Request) -> None:
        await request.send(OK)
        for place in range(0, len(data), 400):
            await request.send(data[place : place + 400])
            await asyncio.sleep(0.1)

    patience = replace(CALM, trickle=1.0)
    async with station() as radio:
        items = await heard(radio.on("/", trickle), live=True, by=means(patience))
    assert reason(items).startswith("The stream comes slower than it plays: ")


async def test_little_that_becomes_much() -> None:
    """An hour of silence in 60 KiB of FLAC: no more of it is read than 60 s ahead, in steps of five seconds."""
    hush = encoded(silence(400.0), "flac", "flac", options={"compression_level": "8"})
    async with station() as radio:
        url = radio.sends("/", OK, hush, hang=True)
        got: list[float] = []

        def enough(item: object) -> bool:
            got.append(len(item.pcm) / 11_025 if isinstance(item, Sound) else 0.0)
            return sum(got) > 60

        async with asyncio.timeout(20):
            items = await heard(url, enough, live=True, by=means(Patience()))
    ats = [item.at for item in items if isinstance(item, Sound)]
    assert ats == sorted(ats)
    assert len(hush) < 400_000


async def test_megabytes_without_sound() -> None:
    page = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, 0, 7, 1, 0, 255) + bytes([255] * 255) + bytes(255 * 255)

    async def endless(request: Request) -> None:
        await request.send(OK)
        while True:
            await request.send(page)

    async with station() as radio:
        items = await heard(radio.on("/", endless), by=means(Patience()))
    assert reason(items) == "The station sends megabytes in which there is no sound."


async def test_nothing_is_left_open() -> None:
    gone = asyncio.Event()

    async def waiting(request: Request) -> None:
        await request.send(OK, mp3(2.0))
        await request.hang()
        gone.set()

    async with station() as radio, asyncio.timeout(10):
        await heard(radio.on("/", waiting), lambda item: isinstance(item, Sound))
        await gone.wait()
