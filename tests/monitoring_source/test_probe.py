"""What may be watched is told from what may not, before anybody watches it."""

import ssl

import pytest

from sonograph.errors import Invalid
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.probe import probe
from tests.monitoring_source.sounds import mp3, ogg
from tests.monitoring_source.stations import CALM, LOOPBACK, OK, SHORT, means, station
from tests.monitoring_source.test_faults import ANSWERS
from tests.monitoring_source.test_hls import playlist, serve


async def test_streams_and_playlists_of_streams_are_taken() -> None:
    async with station() as radio:
        plain = radio.sends("/live", b"ICY 200 OK\r\nicy-name:Radio Caf\xe9\r\n\r\n", mp3(2.0), hang=True)
        listed = radio.sends("/list", OK, b"http://127.0.0.1:1/\n" + plain.encode())
        found = await probe(listed, allowed=LOOPBACK, means=means())
        assert (found.url, found.codec, found.name) == (listed, "mp3", "Radio Café")
        other = await probe(radio.sends("/ogg", OK, ogg("flac"), hang=True), allowed=LOOPBACK, means=means())
        assert (other.codec, other.name) == ("flac", None)
        serve(radio, "ts")
        hls = radio.sends("/hls/list", OK, playlist(0, ["0", "1"], end=False))
        assert (await probe(hls, allowed=LOOPBACK, means=means())).codec == "aac"


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind != "end"])
async def test_what_is_no_stream_is_refused_with_the_reason(kind: str) -> None:
    answer, said = ANSWERS[kind]
    async with station() as radio:
        with pytest.raises(Invalid) as raised:
            await probe(radio.sends("/", answer), allowed=LOOPBACK, means=means())
    assert raised.value.message == f"url: {said}"
    assert raised.value.field == "url"


@pytest.mark.parametrize("length", [True, False])
async def test_a_file_is_refused(*, length: bool) -> None:
    data = mp3(6.0)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n"
    answer = head + (b"Content-Length: %d\r\n\r\n" % len(data) if length else b"\r\n")
    async with station() as radio:
        with pytest.raises(Invalid, match=r"^url: This is a file that comes to its end, not a stream\.$"):
            await probe(radio.sends("/", answer, data, hang=length), allowed=LOOPBACK, means=means())


async def test_a_length_that_is_never_reached_is_no_file() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 54760833024\r\n\r\n"
    async with station() as radio:
        found = await probe(radio.sends("/", answer, mp3(6.0), hang=True), allowed=LOOPBACK, means=means())
    assert found.codec == "mp3"


async def test_a_recording_in_pieces_is_refused() -> None:
    async with station() as radio:
        serve(radio, "ts")
        url = radio.sends("/hls/list", OK, playlist(0, ["0", "1"], end=True))
        with pytest.raises(Invalid, match="This is a recording"):
            await probe(url, allowed=LOOPBACK, means=means())


async def test_silence_of_the_server_is_refused() -> None:
    async with station() as radio:
        with pytest.raises(Invalid, match="sends nothing for"):
            await probe(radio.sends("/", OK, hang=True), allowed=LOOPBACK, means=means(SHORT))


async def test_tls(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = certificate
    async with station(theirs) as radio:
        url = radio.sends("/", OK, mp3(2.0), hang=True)
        trusting = Means(context=ours, patience=CALM)
        assert (await probe(url, allowed=LOOPBACK, means=trusting)).codec == "mp3"
        with pytest.raises(Invalid, match="its certificate is not valid: self-signed certificate"):
            await probe(url, allowed=LOOPBACK, means=means())
