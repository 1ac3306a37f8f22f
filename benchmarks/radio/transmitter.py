"""From the mix to what a listener decodes: filters, levels, an encoder and its decoder, resampling. In blocks."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import av.filter
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from scipy import signal

from benchmarks.radio.mixing import RATE, levels_of
from benchmarks.radio.programme import Programme
from benchmarks.radio.stations import Filters, Station
from benchmarks.recognition.overlays import Sound
from sonograph.recognition.audio.mix import Mixer
from sonograph.recognition.audio.pcm import FINGERPRINT, Samples

# At the rate of the mix, with the bits that are spent below half of it: encoders take most of the time of a show
ENCODERS = {"mp3": ("libmp3lame", "mp3float"), "aac": ("aac", "aac")}
OPTIONS = {"mp3": {"compression_level": "9"}, "aac": {"aac_coder": "fast"}}  # the quicker ones: nobody's best sound
TRIAL = 4 * RATE  # samples of noise that the delay is measured with


def transmitted(programme: Programme, station: Station, mix: Iterable[Sound]) -> Iterator[Samples]:
    """Blocks of the same length in time as those of the mix, and at the same time: delays are taken away again."""
    late = _delay(station)
    yield from _without(_chain(station, _levelled(programme, mix)), late)


def _levelled(programme: Programme, mix: Iterable[Sound]) -> Iterator[Sound]:
    at = 0
    for block in mix:
        yield block * levels_of(programme, at, at + len(block), RATE)
        at += len(block)


def _without(blocks: Iterable[Samples], skip: int) -> Iterator[Samples]:
    for block in blocks:
        rest = block[skip:]
        skip = max(0, skip - len(block))
        if len(rest):
            yield rest


def _delay(station: Station) -> int:
    """Samples by which noise comes out late."""
    noise = (np.random.default_rng(1).standard_normal(TRIAL) * 0.05).astype(np.float32)
    sent = np.concatenate(list(_chain(station, iter([noise])))).astype(np.float64)
    plain = np.concatenate(list(Mixer(FINGERPRINT).convert(iter([_frame(noise)])))).astype(np.float64)
    size = min(len(sent), len(plain)) - RATE
    middle = plain[RATE // 2 : size]  # what comes before may be a filter's beginning
    found = np.abs(signal.correlate(sent[RATE // 2 :], middle, "valid"))
    return int(np.argmax(found))


def _chain(station: Station, mix: Iterable[Sound]) -> Iterator[Samples]:
    frames = _filtered(mix, station.filters)
    decoded = _coded(frames, station)
    return Mixer(FINGERPRINT).convert(decoded)


def _filtered(mix: Iterable[Sound], filters: Filters) -> Iterator[AudioFrame]:
    graph = av.filter.Graph()
    at = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=Fraction(1, RATE))
    for name, arguments in (*filters, ("aformat", f"sample_fmts=flt:sample_rates={RATE}")):
        after = graph.add(name, arguments)
        at.link_to(after)
        at = after
    sink = graph.add("abuffersink")
    at.link_to(sink)
    graph.configure()
    samples = 0
    for block in mix:
        frame = _frame(np.clip(block, -1.0, 1.0))
        frame.pts = samples
        samples += len(block)
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: av.filter.Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
            assert isinstance(frame, AudioFrame)  # noqa: S101  (audio goes in)
            yield frame
        except (av.error.EOFError, av.error.BlockingIOError):
            return


def _coded(frames: Iterator[AudioFrame], station: Station) -> Iterator[AudioFrame]:
    encoder_name, decoder_name = ENCODERS[station.codec]
    encoder = AudioCodecContext.create(encoder_name, "w")
    assert isinstance(encoder, AudioCodecContext)  # noqa: S101  (the names are of audio codecs)
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "fltp"
    encoder.bit_rate, encoder.time_base, encoder.options = station.bitrate, Fraction(1, RATE), OPTIONS[station.codec]
    encoder.open()
    decoder = AudioCodecContext.create(decoder_name, "r")
    assert isinstance(decoder, AudioCodecContext)  # noqa: S101
    if encoder.extradata:
        decoder.extradata = encoder.extradata
    resampler, fifo = AudioResampler("fltp", "mono", RATE), AudioFifo()
    for frame in frames:
        frame.pts = None
        for resampled in resampler.resample(frame):
            resampled.pts = None
            fifo.write(resampled)
        while (ready := fifo.read(encoder.frame_size)) is not None:
            for packet in encoder.encode(ready):
                yield from decoder.decode(packet)
    for packet in encoder.encode(None):
        yield from decoder.decode(packet)


def _frame(sound: Sound) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound).reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = RATE
    return frame
