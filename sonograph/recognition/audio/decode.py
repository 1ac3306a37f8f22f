"""Decodes whatever FFmpeg decodes, with the libraries inside PyAV's wheel, to mono PCM in blocks.

In our own process and without limits: for files of our own and for streams. What strangers upload goes through
`sandboxed`. The format is found from the content; a name or a media type is never asked. Memory is bounded by the
block, whatever the length.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Never, cast

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from sonograph.recognition.audio.faults import Unreadable
from sonograph.recognition.audio.mix import Mixer
from sonograph.recognition.audio.pcm import FINGERPRINT, Audio, Form, Info, Samples

# Containers that hold sound. Playlists, image sequences, devices and the like are left out: they open other files and
# addresses.
CONTAINERS = (
    "aac,ac3,ac4,aiff,amr,amrnb,amrwb,apc,ape,asf,asf_o,ast,au,avi,avr,caf,codec2,daud,dsf,dts,dtshd,dv,eac3,flac,flv,g722,"
    "gsm,gxf,iamf,iff,ilbc,ircam,loas,matroska,mlp,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nsv,nut,ogg,oma,paf,pvf,"
    "qcp,qoa,rka,rm,shn,sol,sox,tak,truehd,tta,voc,vqf,w64,wav,webm,wsd,wtv,wv"
)
BLOCK = 65_536  # samples in a block at least, the last one apart: six seconds at 11,025 Hz
RATES = range(1_000, 3_072_001)  # Hz; the fastest in use is that of DSD512, 2.8 MHz
CHANNELS = 64  # the most that libswresample mixes


@contextmanager
def opened(
    source: Path | BinaryIO,
    form: Form = FINGERPRINT,
    *,
    start: float = 0.0,
    length: float | None = None,
    block: int = BLOCK,
) -> Iterator[Audio]:
    """An audio file, or the sound of a video, from `start` for `length` seconds; `Unreadable` if there is none.

    A source that cannot seek is read as it comes, so a radio stream is an object with a `read`. `start` is reached by
    decoding: exact to the sample in every format, at the cost of what is skipped.
    """
    if isinstance(source, Path):
        with source.open("rb") as file, opened(file, form, start=start, length=length, block=block) as audio:
            yield audio
        return
    try:
        container = av.open(
            source, "r", metadata_errors="replace", options={"format_whitelist": CONTAINERS}, io_open=_refuse
        )
    except (av.error.FFmpegError, ValueError) as error:
        raise Unreadable("This is no audio file that can be read.") from error
    with container:
        stream = _sound_of(container)
        yield Audio(_info(container, stream), _cut(_frames(container, stream), form, start, length, block))


def decode(
    source: Path | BinaryIO, form: Form = FINGERPRINT, *, start: float = 0.0, length: float | None = None
) -> Iterator[Samples]:
    """The blocks of `opened`, for who needs nothing else."""
    with opened(source, form, start=start, length=length) as audio:
        yield from audio.blocks


def _refuse(*_: object) -> Never:
    raise PermissionError("a container wants to open something else")


def _sound_of(container: InputContainer) -> AudioStream:
    stream = cast("AudioStream | None", container.streams.best("audio"))
    if stream is None:
        raise Unreadable("There is no sound in this file.")
    if stream.codec_context is None:
        raise Unreadable("The sound in this file is in a form that is not known.")
    if stream.rate not in RATES or not 0 < stream.channels <= CHANNELS:
        raise Unreadable(f"{stream.channels} channels at {stream.rate} Hz cannot be read.")
    # One thread: a file is decoded hundreds of times faster than it plays, and limits on a process stay what they say.
    stream.codec_context.thread_count = 1
    return stream


def _info(container: InputContainer, stream: AudioStream) -> Info:
    seconds = None
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / 1e6
    return Info(container.format.name, stream.codec_context.name, stream.rate, stream.channels, seconds)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decoded frames. Damaged packets are left out, as players do, and an end cut off is an end; but at most half."""
    good = bad = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            break  # the container is damaged here: what came before is good
        if packet is None:
            break
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            bad += 1
            if bad > good + 100:
                break
            continue
        for frame in frames:
            if frame.sample_rate not in RATES:
                raise Unreadable(f"{frame.sample_rate} Hz cannot be read.")
            good += 1
            yield frame
    if bad > good or not good:
        raise Unreadable("There is no sound in this file, or it is too damaged to be read.")


def _cut(frames: Iterator[AudioFrame], form: Form, start: float, length: float | None, block: int) -> Iterator[Samples]:
    """Frames as blocks in the wanted form, without what is before `start` and behind `length`."""
    skip = int(start * form.rate)
    left = None if length is None else int(length * form.rate)
    mixer = Mixer(form)
    waiting: list[Samples] = []
    size = 0
    for samples in mixer.convert(frames):
        part = samples[skip:]
        skip = max(0, skip - len(samples))
        if left is not None:
            part = part[:left]
            left -= len(part)
        waiting.append(part)
        size += len(part)
        if left == 0:
            break
        if size >= block:
            yield np.concatenate(waiting)
            waiting, size = [], 0
    if size:
        yield np.concatenate(waiting)
