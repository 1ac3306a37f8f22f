"""Chromaprint fingerprints, algorithm 1 (the default of `fpcalc` and the one of AcoustID), bit for bit.

The algorithm, its filters and its quantiser are Lukáš Lalinský's Chromaprint (MIT licence,
https://acoustid.org/chromaprint), after Ke, Hoiem and Sukthankar (2005) and Jang, Yoo, Lee, Kim and Kalker (2009). A
frame of 0.37 s every 0.12 s is reduced to the energy in the 12 notes of the scale; an item is 16 comparisons of two
bits each, between parts of an image 16 frames wide.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Invalid
from sonograph.recognition.audio.pcm import FINGERPRINT, Samples

Items: TypeAlias = NDArray[np.uint32]

RATE = FINGERPRINT.rate
FRAME = 4096
HOP = FRAME // 3
SMOOTH = 5  # frames of the smoothing filter
WIDTH = 16  # smoothed frames an item looks at
SECONDS_PER_ITEM = HOP / RATE
SILENCE = 627964279  # the item of digital silence
DEFAULT_LENGTH = 120.0  # seconds: what fpcalc reads if not told otherwise

# The rectangle compared: kind, first note, notes, frames; and the three steps of the quantiser.
_FILTERS = (
    (0, 4, 3, 15, 1.98215, 2.35817, 2.63523),
    (4, 4, 6, 15, -1.03809, -0.651211, -0.282167),
    (1, 0, 4, 16, -0.298702, 0.119262, 0.558497),
    (3, 8, 2, 12, -0.105439, 0.0153946, 0.135898),
    (3, 4, 4, 8, -0.142891, 0.0258736, 0.200632),
    (4, 0, 3, 5, -0.826319, -0.590612, -0.368214),
    (1, 2, 2, 9, -0.557409, -0.233035, 0.0534525),
    (2, 7, 3, 4, -0.0646826, 0.00620476, 0.0784847),
    (2, 6, 2, 16, -0.192387, -0.029699, 0.215855),
    (2, 1, 3, 2, -0.0397818, -0.00568076, 0.0292026),
    (5, 10, 1, 15, -0.53823, -0.369934, -0.190235),
    (3, 6, 2, 10, -0.124877, 0.0296483, 0.139239),
    (2, 1, 1, 14, -0.101475, 0.0225617, 0.231971),
    (3, 5, 6, 4, -0.0799915, -0.00729616, 0.063262),
    (1, 9, 2, 12, -0.272556, 0.019424, 0.302559),
    (3, 4, 2, 14, -0.164292, -0.0321188, 0.0846339),
)
_SMOOTHING = (0.25, 0.75, 1.0, 0.75, 0.25)
_QUIETEST = 0.01  # norm of a smoothed frame below which it counts as silent
_NOTES = 12
_LOW, _HIGH = round(FRAME * 28 / RATE), round(FRAME * 3520 / RATE)  # bins, of 28 to 3,520 Hz
# Frames or items at a time: they stay in the cache, and BLAS sees nothing worth a thread of its own (which costs more)
_BATCH = 16


def _window() -> NDArray[np.float32]:
    hamming = 0.54 - 0.46 * np.cos(np.arange(FRAME) * 2 * np.pi / (FRAME - 1))
    return (hamming / 32767).astype(np.float32)


def _bins_to_notes() -> NDArray[np.float64]:
    octaves = np.log2(np.arange(_LOW, _HIGH) * RATE / FRAME / 27.5)  # 27.5 Hz is the lowest A
    notes = (_NOTES * (octaves - np.floor(octaves))).astype(np.int64)
    return np.eye(_NOTES)[notes]


def _rectangles() -> NDArray[np.float64]:
    """Which cells of the image (frame, note) each filter adds up, on its first side and on its second."""
    cells = np.zeros((WIDTH, _NOTES, 2, len(_FILTERS)))
    for number, (kind, note, notes, frames, *_) in enumerate(_FILTERS):
        area = np.zeros((frames, notes), np.int64)  # side of each cell
        if kind == 1:
            area[:, : notes // 2] = 1
        elif kind == 2:  # noqa: PLR2004  (kinds as Chromaprint numbers them)
            area[: frames // 2] = 1
        elif kind == 3:  # noqa: PLR2004
            area[: frames // 2, : notes // 2] = 1
            area[frames // 2 :, notes // 2 :] = 1
        elif kind == 4:  # noqa: PLR2004
            area[:] = 1
            area[:, notes // 3 : 2 * (notes // 3)] = 0
        elif kind == 5:  # noqa: PLR2004
            area[:] = 1
            area[frames // 3 : 2 * (frames // 3)] = 0
        for side in (0, 1):
            cells[:frames, note : note + notes, side, number] = area == side
    return cells.reshape(WIDTH * _NOTES, 2 * len(_FILTERS))


_WINDOW = _window()
_BINS_TO_NOTES = _bins_to_notes()
_RECTANGLES = _rectangles()
_STEPS = np.array([steps[4:] for steps in _FILTERS]).T
_GRAY = np.array([0, 1, 3, 2], np.uint32)
_PLACES = np.arange(2 * len(_FILTERS) - 2, -1, -2, dtype=np.uint32)  # the first filter makes the highest bits


class Fingerprinter:
    """Takes samples as they come (mono, 16 bits, 11,025 Hz) and gives the items that became complete.

    Item n begins n * SECONDS_PER_ITEM after the first sample and looks at 2.7 s. How the samples are cut into blocks
    makes no difference.
    """

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.int16)
        self._notes = np.zeros((0, _NOTES))
        self._image = np.zeros((0, _NOTES))

    def feed(self, samples: Samples) -> Items:
        pcm = np.concatenate((self._samples, samples.astype(np.int16, copy=False)))
        frames = max(0, (len(pcm) - FRAME) // HOP + 1)
        self._samples = pcm[frames * HOP :]
        notes = np.concatenate((self._notes, _note_energies(pcm, frames)))
        smooth = max(0, len(notes) - SMOOTH + 1)
        self._notes = notes[smooth:]
        image = np.concatenate((self._image, _smoothed(notes, smooth)))
        items = max(0, len(image) - WIDTH + 1)
        self._image = image[items:]
        return _items(image, items)


def fingerprint(blocks: Iterable[Samples], length: float | None = DEFAULT_LENGTH) -> Items:
    """The fingerprint of the first `length` seconds, as `fpcalc -raw -length` prints it. None: of all."""
    fingerprinter = Fingerprinter()
    left = None if length is None else int(length * RATE)
    found = []
    for block in blocks:
        found.append(fingerprinter.feed(block[:left]))
        if left is not None:
            left -= len(block)
            if left <= 0:
                break
    return np.concatenate(found) if found else np.zeros(0, np.uint32)


def count(samples: int) -> int:
    """How many items that many samples make."""
    return max(0, (samples - FRAME) // HOP + 1 - (SMOOTH - 1) - (WIDTH - 1)) if samples >= FRAME else 0


def items_of(values: Sequence[int]) -> Items:
    """Items from integers, signed (as older programs print them) or not; `Invalid` if one has more than 32 bits."""
    try:
        wide = np.array(values, np.int64)
    except (OverflowError, TypeError, ValueError):
        raise Invalid("fingerprint: must be a list of 32-bit integers", "fingerprint") from None
    if wide.ndim != 1 or ((wide < -(2**31)) | (wide >= 2**32)).any():
        raise Invalid("fingerprint: must be a list of 32-bit integers", "fingerprint")
    return wide.astype(np.uint32)


def _note_energies(pcm: NDArray[np.int16], frames: int) -> NDArray[np.float64]:
    energies = np.empty((frames, _NOTES))
    if frames:
        cut = np.lib.stride_tricks.sliding_window_view(pcm, FRAME)[::HOP]
        for at in range(0, frames, _BATCH):
            spectrum = np.fft.rfft(cut[at : at + _BATCH] * _WINDOW)[:, _LOW:_HIGH]
            energies[at : at + _BATCH] = (spectrum.real**2 + spectrum.imag**2) @ _BINS_TO_NOTES
    return energies


def _smoothed(notes: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    smooth = np.zeros((frames, _NOTES))
    for number, weight in enumerate(_SMOOTHING):
        smooth += weight * notes[number : number + frames]
    norm = np.sqrt((smooth * smooth).sum(axis=1, keepdims=True))
    return cast("NDArray[np.float64]", np.where(norm < _QUIETEST, 0.0, smooth / np.maximum(norm, _QUIETEST)))


def _items(image: NDArray[np.float64], items: int) -> Items:
    if not items:
        return np.zeros(0, np.uint32)
    windows = np.lib.stride_tricks.sliding_window_view(image.reshape(-1), WIDTH * _NOTES)[::_NOTES]
    sums = np.concatenate([windows[at : at + _BATCH] @ _RECTANGLES for at in range(0, items, _BATCH)])
    compared = np.log((1 + sums[:, : len(_FILTERS)]) / (1 + sums[:, len(_FILTERS) :]))
    levels = sum((compared >= step).view(np.uint8) for step in _STEPS)
    return cast("Items", np.bitwise_or.reduce(_GRAY[levels] << _PLACES, axis=1))
