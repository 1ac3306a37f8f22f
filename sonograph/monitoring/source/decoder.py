"""Packets to mono samples at 11,025 Hz, the same to the bit as those of a file that is decoded whole."""

from collections.abc import Iterator
from typing import Any, cast

import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.packet import Packet
from numpy.typing import NDArray

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.packets import Begin
from sonograph.recognition.audio.decode import RATES
from sonograph.recognition.audio.mix import Mixer
from sonograph.recognition.audio.pcm import FINGERPRINT

NAMES = {"mp3float": "mp3", "aac_latm": "aac"}  # what people call them
_CHANNELS = 8
# Resampling costs 1.6 ms a second of sound frame by frame, 0.4 in blocks of half a second, and gives the same
# (libswresample's state goes on): so frames are put together first.
_BLOCK = 0.46  # seconds; two of them are told together. Twice as much takes half a megabyte more for each stream
_MOST_BAD = 100  # packets, more than good ones


class Decoder:
    """One codec. Packets that are damaged are left out, as players do."""

    def __init__(self, begin: Begin) -> None:
        self.begin = begin
        self._context = cast("AudioCodecContext", av.CodecContext.create(begin.codec, "r"))
        self._context.thread_count = 1
        if begin.setup:
            self._context.extradata = begin.setup
        self._mixer = Mixer(FINGERPRINT)
        self._frames: list[AudioFrame] = []
        self._shape: tuple[str, str, int] | None = None  # of the frames that wait
        self._samples = 0  # in the frames that wait
        self._good = self._bad = 0
        self.lost = 0  # bytes since something could be decoded

    @property
    def waiting(self) -> float:
        """Seconds of sound that are decoded and wait for more."""
        return self._samples / self._shape[2] if self._shape else 0.0

    def decode(self, data: bytes) -> Iterator[NDArray[np.int16]]:
        """What some bytes make complete, in blocks of half a second or so."""
        self.lost += len(data)
        for packet in self._context.parse(data) if self.begin.split else [Packet(data)]:
            yield from self._of(packet)

    def _of(self, packet: "Packet[Any] | None") -> Iterator[NDArray[np.int16]]:
        for frame in self._decoded(packet):
            if frame.sample_rate not in RATES or not 0 < len(frame.layout.channels) <= _CHANNELS:
                raise Fault("The stream's sample rate or number of channels is not of this world.", lasting=True)
            yield from self._add(frame)

    def end(self) -> Iterator[NDArray[np.int16]]:
        """What is left; nothing can follow."""
        while packets := self._context.parse(None) if self.begin.split else []:  # it gives one at a time
            for packet in packets:
                yield from self._of(packet)
        yield from self._of(None)
        yield from self.flush()
        yield from cast("list[NDArray[np.int16]]", self._mixer.end())

    def _decoded(self, packet: "Packet[Any] | None") -> list[AudioFrame]:
        try:
            frames = self._context.decode(packet)
        except av.error.FFmpegError:
            self._bad += 1
            if self._bad > self._good + _MOST_BAD:
                raise Fault("The sound is too damaged to be decoded.") from None
            return []
        if frames:
            self._good += 1
            self.lost = 0
        return frames

    def _add(self, frame: AudioFrame) -> Iterator[NDArray[np.int16]]:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self.flush()
            self._shape = shape
        self._frames.append(frame)
        self._samples += frame.samples
        if self._samples >= _BLOCK * frame.sample_rate:
            yield from self.flush()

    def flush(self) -> Iterator[NDArray[np.int16]]:
        """What waits to be decoded with more: a title changes here."""
        frames, self._frames, self._samples = self._frames, [], 0
        if not frames:
            return
        whole = frames[0]
        if len(frames) > 1:
            joined = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
            whole = AudioFrame.from_ndarray(joined, format=frames[0].format.name, layout=frames[0].layout.name)
            whole.sample_rate = frames[0].sample_rate
        for samples in self._mixer.add(whole):
            if len(samples):
                yield cast("NDArray[np.int16]", samples)
