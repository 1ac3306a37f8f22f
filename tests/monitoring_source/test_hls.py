"""HLS, live and ending, in each wrapping."""

from dataclasses import replace
from functools import cache
from io import BytesIO
from time import process_time

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.hls_playlists import Master, Media, parse
from sonograph.monitoring.source.items import Connected, Title
from tests.monitoring_source.listening import heard, reason, sound
from tests.monitoring_source.sounds import aac, encoded, mp3, noise
from tests.monitoring_source.stations import CALM, OK, Request, Station, means, station

SECONDS = 2.0


@cache
def pieces(kind: str, count: int = 4) -> tuple[bytes, list[bytes]]:
    """What begins a stream, and its pieces, cut as servers cut them."""
    if kind == "aac":
        return b"", [b"ID3\x04\0\0\0\0\0\x08\0priv\0\0\0" + data for data in _cut(aac(count * SECONDS), count)]
    if kind == "mp3":
        return b"", _cut(mp3(count * SECONDS), count)
    if kind == "ts":
        data = encoded(noise(count * SECONDS), "aac", "mpegts")
        size = len(data) // 188 // count * 188
        return b"", [data[n * size : (n + 1) * size if n < count - 1 else len(data)] for n in range(count)]
    file = BytesIO(encoded(noise(count * SECONDS), "aac", "mp4", options={
        "movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": str(int(SECONDS * 1e6)),
    }))  # fmt: skip
    boxes = file.getvalue()
    starts = [place for place in range(len(boxes)) if boxes[place + 4 : place + 8] == b"moof"]
    ends = [*starts[1:], boxes.find(b"mfra", starts[-1]) - 4]
    return boxes[: starts[0]], [boxes[start:end] for start, end in zip(starts, ends, strict=True)]


def _cut(data: bytes, count: int) -> list[bytes]:
    """By frames, which the container's parser finds."""
    with av.open(BytesIO(data), "r") as file:
        frames = [bytes(packet) for packet in file.demux() if packet.size]
    size = -(-len(frames) // count)
    return [b"".join(frames[n * size : (n + 1) * size]) for n in range(count)]


def playlist(first: int, names: list[str], *, end: bool, start: bool = False, target: float = SECONDS) -> bytes:
    begin = '#EXT-X-MAP:URI="start.mp4"\n' if start else ""
    listed = "".join(f"#EXTINF:{target},\n{name}\n" for name in names)
    finish = "#EXT-X-ENDLIST\n" if end else ""
    return (f"#EXTM3U\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:{first}\n{begin}{listed}{finish}").encode()


def serve(radio: Station, kind: str) -> list[bytes]:
    start, parts = pieces(kind)
    radio.sends("/hls/start.mp4", OK, start)
    for number, part in enumerate(parts):
        radio.sends(f"/hls/{number}", OK, part)
    return parts


@pytest.mark.parametrize("kind", ["aac", "mp3", "ts", "mp4"])
async def test_pieces_make_one_sound(kind: str) -> None:
    async with station() as radio:
        serve(radio, kind)
        names = [str(number) for number in range(1, 4)]
        url = radio.sends("/hls/list", OK, playlist(1, names, end=True, start=kind == "mp4"))
        items = await heard(url)
    assert [item.codec for item in items if isinstance(item, Connected)] == ["mp3" if kind == "mp3" else "aac"]
    assert reason(items) == "This is a recording (its playlist has an end), not a stream."
    assert len(sound(items)) == pytest.approx(6 * 11_025, abs=1500)
    assert loudest(sound(items)[2000:-2000]).min() > 50, "there are holes between pieces"


def loudest(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    """Of each 10 ms."""
    peaks: NDArray[np.int16] = np.abs(pcm[: len(pcm) // 110 * 110].reshape(-1, 110)).max(axis=1)
    return peaks


async def test_a_live_playlist_is_followed_from_near_its_end() -> None:
    """It moves on with each look; what it shows again is not heard again; then it stands still."""

    async def moving(request: Request) -> None:
        first = min(request.number - 1, 2)
        names = [f"{number}?{number}" for number in range(first, first + 4)]
        await request.send(OK, playlist(10 + first, names, end=False, target=0.5))

    async with station() as radio:
        parts = _cut(aac(12.0), 6)
        for number, part in enumerate(parts):
            radio.sends(f"/hls/{number}", OK, part)
        items = await heard(radio.on("/hls/list", moving), by=means(replace(CALM, stale=0.8)))
        asked = [head.split()[1] for head in radio.asked if "?" in head.split()[1]]
    assert asked == [f"/hls/{number}?{number}" for number in range(1, 6)]
    assert reason(items) == "The stream's playlist has not changed for 1 s."
    assert len(sound(items)) == pytest.approx(10 * 11_025, abs=1500)


async def test_numbers_that_begin_anew_and_pieces_that_are_missing() -> None:
    async def restarting(request: Request) -> None:
        if request.number == 1:
            await request.send(OK, playlist(500, ["0", "missing", "1"], end=False, target=0.5))
        else:
            await request.send(OK, playlist(0, ["2", "3"], end=True, target=0.5))

    async with station() as radio:
        serve(radio, "ts")
        items = await heard(radio.on("/hls/list", restarting))
    assert len(sound(items)) == pytest.approx(8 * 11_025, abs=1500)


async def test_a_discontinuity_of_codec() -> None:
    async with station() as radio:
        serve(radio, "aac")
        radio.sends("/hls/other", OK, pieces("ts")[1][0])
        radio.sends("/hls/third", OK, pieces("mp3")[1][0])
        text = playlist(0, ["0", "other", "third"], end=True).replace(b"other", b"other\n#EXT-X-DISCONTINUITY")
        items = await heard(radio.sends("/hls/list", OK, text))
    assert [item.codec for item in items if isinstance(item, Connected)] == ["aac", "mp3"]
    assert len(sound(items)) == pytest.approx(6 * 11_025, abs=3000)


async def test_qualities_titles_and_ranges() -> None:
    _, parts = pieces("aac")
    whole = b"".join(parts)
    text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
    place = 0
    for number, part in enumerate(parts[:3]):
        text += f'#EXTINF:2,title="Song {number}",artist="It\'\'s"\n#EXT-X-BYTERANGE:{len(part)}@{place}\nwhole\n'
        place += len(part)
    async with station() as radio:
        radio.sends("/low/whole", OK, whole)
        radio.sends("/low/list", OK, text.encode() + b"#EXT-X-ENDLIST\n")
        master = (
            b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=30000\nlowest/list\n#EXT-X-STREAM-INF:BANDWIDTH=96000\nlow/list\n"
            b'#EXT-X-STREAM-INF:BANDWIDTH=70000,RESOLUTION=1x1,CODECS="avc1,mp4a"\nvideo\n'
            b"#EXT-X-STREAM-INF:BANDWIDTH=256000\nhigh/list\n"
        )
        items = await heard(radio.sends("/", OK, master))
    assert [item.text for item in items if isinstance(item, Title)] == [f"It's - Song {n}" for n in range(3)]
    assert len(sound(items)) == pytest.approx(6 * 11_025, abs=1500)


BAD = {
    "encrypted": (b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:1,\n0\n', "The stream is encrypted."),
    "video": (b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x1\n0\n", "This is a video, not a radio stream."),
    "missing": (
        b"#EXTM3U\n#EXT-X-TARGETDURATION:0\n#EXTINF:0,\na\n#EXTINF:0,\nb\n#EXTINF:0,\nc\n",
        "The pieces of the stream that its playlist names cannot be had.",
    ),
    "circle": (
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/\n",
        "The stream's playlists lead in a circle.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
async def test_what_is_wrong_is_said(kind: str) -> None:
    async with station() as radio:
        assert reason(await heard(radio.sends("/", OK, BAD[kind][0]))) == BAD[kind][1]


def test_sound_beside_a_picture_is_chosen() -> None:
    text = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",URI="sound.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=1x1,AUDIO="a"\nvideo.m3u8\n'
    )
    assert parse(text, "http://a.example/b/") == Master("http://a.example/b/sound.m3u8")


def test_nonsense_is_borne_with() -> None:
    media = parse("#EXTM3U\n#EXTINF:x,\n#EXT-X-MEDIA-SEQUENCE:-\n#EXT-X-TARGETDURATION:1e99\nftp://a/b\nc", "http://a/")
    assert isinstance(media, Media)
    assert [piece.url for piece in media.pieces] == ["http://a/c"]
    assert media.target <= 60


@pytest.mark.parametrize(
    "lines",
    [
        "#EXT-X-STREAM-INF:" + "A" * 60_000,  # 2 s, and two minutes as long as a playlist may be
        "#EXT-X-STREAM-INF:" + "A-" * 30_000,
        "#EXT-X-STREAM-INF:\n" * 13_000,  # 6 s, and more than a minute
    ],
)
def test_what_a_playlist_repeats_costs_no_square_of_it(lines: str) -> None:
    began = process_time()
    with pytest.raises(Fault, match="video"):
        parse(f"#EXTM3U\n{lines}", "http://radio.example/")
    assert process_time() - began < 1.0  # 0.01 s


def test_the_sound_of_a_video_may_be_named_behind_it() -> None:
    text = (
        '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000, RESOLUTION=640x360,AUDIO="a"\nvideo.m3u8\n'
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x, URI=no",URI="sound.m3u8"\n'
    )
    assert parse(text, "http://radio.example/") == Master("http://radio.example/sound.m3u8")


def test_of_a_long_playlist_the_last_pieces_are_looked_at() -> None:
    media = parse("#EXTM3U\n" + "".join(f"#EXTINF:1,\n{n}.aac\n" for n in range(2_000)), "http://radio.example/")
    assert isinstance(media, Media)
    assert (len(media.pieces), media.pieces[-1].number) == (500, 1_999)
    assert media.pieces[-1].url == "http://radio.example/1999.aac"
