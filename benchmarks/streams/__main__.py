"""What a stream costs who watches it: `python -m benchmarks.streams`.

A real icecast2 sends music of the sandbox to so many listeners of ours, in a process of their own, as fast as it plays.
CPU is that process's, by the kernel's count, over the seconds that are measured, after the burst; memory is how much
larger it is than with one stream, by each further one. `floor` is what FFmpeg's libraries need alone: the same bytes
decoded in one go, and resampled in blocks of a minute. Less than 1.00 of real time, and sound that is late by seconds,
say that the machine is too busy for it.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from benchmarks.figures import table
from benchmarks.streams.icecast import Icecast, SourceClient, icecast
from benchmarks.streams.index import index_of_sandbox
from sonograph.recognition.audio.mix import Mixer
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.sandbox.synthesis import play
from sonograph.recognition.sandbox.tunes import tunes

RATE = 44_100
SONG = 30.0  # seconds
CODECS = {  # encoder, container, media type
    "mp3": ("libmp3lame", "mp3", "audio/mpeg"),
    "aac": ("aac", "adts", "audio/aac"),
    "ogg": ("vorbis", "ogg", "application/ogg"),
}
_HEADS = (
    "codec", "what", "ms of CPU a second", "streams a core", "MiB a stream", "of real time", "late, p50/p99 s",
)  # fmt: skip
GOAL_STREAMS, GOAL_BYTES = 150, 4 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    cpu: float  # seconds of CPU for a second of sound
    memory: float  # bytes for each stream
    late: tuple[float, float]  # seconds: median, p99
    sound: float  # seconds of it for a stream and second


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--codec", choices=tuple(CODECS), action="append")
    parser.add_argument("--with", dest="ears", choices=("nothing", "prints", "hearing"), action="append")
    asked = parser.parse_args()
    asyncio.run(_measure(asked.streams, asked.seconds, asked.codec or list(CODECS), asked.ears or [*_EARS]))


_EARS = {"nothing": "reading and decoding", "prints": "and both fingerprints", "hearing": "and looking them up"}


async def _measure(streams: int, seconds: float, codecs: Sequence[str], ears: Sequence[str]) -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="sonograph-streams-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # noqa: ASYNC240  (nothing runs yet)
        index = index_of_sandbox(folder / "index") if "hearing" in ears else None
        with icecast(folder / "icecast") as server:
            for codec in codecs:
                data, length = encoded(codec)
                rows.append([codec, "floor", f"{1000 * floor(data, length):.2f}", "", "", "", ""])
                client = SourceClient(server, f"/{codec}", CODECS[codec][2], data, length)
                playing = asyncio.create_task(client.run())
                await client.on_air.wait()
                for ear in ears:
                    cost = await _cost(server, f"/{codec}", streams, seconds, _options(ear, index))
                    rows.append(_row(codec, _EARS[ear], cost))
                    print(rows[-1], f"load {os.getloadavg()[0]:.1f}", flush=True)
                playing.cancel()
                with suppress(asyncio.CancelledError):
                    await playing
    print(f"\n{streams} streams, {seconds:.0f} s, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(
        table(
            [
                "codec",
                "what",
                "ms of CPU a second",
                "streams a core",
                "MiB a stream",
                "of real time",
                "late, p50/p99 s",
            ],
            rows,
        )
    )
    print(f"\nGoals: {GOAL_STREAMS} streams a core with both fingerprints, {GOAL_BYTES >> 20} MiB a stream.")


def _options(ear: str, index: Path | None) -> list[str]:
    if ear == "hearing":
        return ["--index", str(index)]
    return ["--prints"] if ear == "prints" else []


def _row(codec: str, what: str, cost: Cost) -> list[str]:
    late = f"{cost.late[0]:.2f}/{cost.late[1]:.2f}"
    memory = f"{cost.memory / (1 << 20):.2f}"
    return [codec, what, f"{1000 * cost.cpu:.2f}", f"{1 / cost.cpu:.0f}", memory, f"{cost.sound:.2f}", late]


async def _cost(server: Icecast, mount: str, streams: int, seconds: float, options: list[str]) -> Cost:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.streams.listeners", *options,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    lines, answers = process.stdin, process.stdout

    async def said() -> dict[str, Any]:
        lines.write(b"\n")
        await lines.drain()
        return cast("dict[str, Any]", json.loads(await answers.readline()))

    url = f"{server.url}{mount}\n".encode()
    lines.write(url)
    await asyncio.sleep(12)
    one = await said()
    for _ in range(streams - 1):
        lines.write(url)
        await asyncio.sleep(0.05)
    await asyncio.sleep(20)
    before, began = await said(), time.monotonic()
    await asyncio.sleep(seconds)
    after, ended = await said(), time.monotonic()
    lines.close()
    await process.wait()
    if after["troubles"]:
        print("troubles:", after["troubles"])
    sound = after["sound"] - before["sound"]
    return Cost(
        (after["cpu"] - before["cpu"]) / sound,
        (after["memory"] - one["memory"]) / (streams - 1),
        tuple(after["late"]),
        sound / (ended - began) / streams,
    )


def encoded(codec: str) -> tuple[bytes, float]:
    """Two songs of the sandbox at 128 kbit/s, and how many seconds they are."""
    encoder, container, _ = CODECS[codec]
    songs = [play(tune, SONG) for tune, _ in zip(tunes(), range(2), strict=False)]
    sound: NDArray[np.int16] = np.concatenate(songs)
    options = {"write_xing": "0", "id3v2_version": "0"} if codec == "mp3" else {}
    file = BytesIO()
    with av.open(file, "w", format=container, options=options) as output:
        stream = cast("AudioStream", output.add_stream(encoder, rate=RATE, layout="stereo"))
        stream.bit_rate = 128_000
        stream.codec_context.options = {"strict": "experimental"}
        for start in range(0, len(sound), 8820):
            one = sound[start : start + 8820]
            echo = np.roll(one, 30)  # another channel, so that both are coded
            packed = np.ascontiguousarray(np.stack([one, echo], axis=1).reshape(1, -1))
            frame = AudioFrame.from_ndarray(packed, format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue(), len(sound) / RATE


def floor(data: bytes, seconds: float) -> float:
    """Seconds of CPU for a second of sound, by FFmpeg's libraries alone: the least of three."""
    costs = []
    for _ in range(3):
        with av.open(BytesIO(data), "r") as file:
            stream = file.streams.audio[0]
            stream.codec_context.thread_count = 1
            began = time.thread_time()
            frames = [frame for packet in file.demux(stream) for frame in packet.decode()]
            cost = time.thread_time() - began
        joined = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
        whole = AudioFrame.from_ndarray(joined, format=frames[0].format.name, layout="stereo")
        whole.sample_rate = RATE
        began = time.thread_time()
        list(Mixer(FINGERPRINT).convert(iter([whole])))
        costs.append(cost + time.thread_time() - began)
    return min(costs) / seconds


if __name__ == "__main__":
    main()
