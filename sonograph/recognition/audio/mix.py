"""Decoded frames to mono samples at one rate, by libswresample."""

from collections.abc import Iterator

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from sonograph.recognition.audio.faults import Unreadable
from sonograph.recognition.audio.pcm import Form, Samples


class Mixer:
    """Mixes down and resamples; a new set-up begins where a stream changes its rate, format or channels."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._resampler: AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None
        self._by_mean = False  # channels are averaged by us, because libswresample knows no place for them

    def convert(self, frames: Iterator[AudioFrame]) -> Iterator[Samples]:
        """All of them, and what is left at the end."""
        for frame in frames:
            yield from self.add(frame)
        yield from self.end()

    def add(self, frame: AudioFrame) -> Iterator[Samples]:
        """What a frame makes complete. Take all of it before the next frame."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self.end()
            self._shape, self._resampler, self._by_mean = shape, self._new(), False
        yield from self._samples(frame)

    def end(self) -> list[Samples]:
        """What is left of the frames so far; none may follow of the same shape."""
        return self._resampled(None) if self._resampler is not None else []

    def _new(self) -> AudioResampler:
        form = self._form
        return AudioResampler(form.sample, "mono", form.rate, options=dict(form.resampler) or None)

    def _samples(self, frame: AudioFrame) -> Iterator[Samples]:
        if not self._by_mean:
            try:
                yield from self._resampled(frame)
            except av.error.FFmpegError:
                self._resampler, self._by_mean = self._new(), True
            else:
                return
        try:
            yield from self._resampled(_mean(frame))
        except av.error.FFmpegError as error:
            raise Unreadable(f"Sound of the form {self._shape} cannot be converted.") from error

    def _resampled(self, frame: AudioFrame | None) -> list[Samples]:
        assert self._resampler is not None  # noqa: S101  (set up with the first frame)
        if frame is not None:
            frame.pts = None  # gaps and jumps in time stamps are none in the sound: fpcalc does not look at them either
        return [out.to_ndarray()[0].astype(self._form.dtype, copy=False) for out in self._resampler.resample(frame)]


def _mean(frame: AudioFrame) -> AudioFrame:
    """The average of all channels. Packed: PyAV 18 reads beyond the eighth plane of a planar frame, and crashes."""
    (packed,) = AudioResampler("flt").resample(frame)
    mean = packed.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1, dtype=np.float32)
    mixed = AudioFrame.from_ndarray(mean.reshape(1, -1), format="fltp", layout="mono")
    mixed.sample_rate = frame.sample_rate
    return mixed
