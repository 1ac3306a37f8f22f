"""The picture of `sonograph identify --plot`: what of a reference is heard in a file, and what not.

Needs matplotlib, the extra `plot`; nothing else of the project does.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from sonograph.errors import Invalid, Misconfigured
from sonograph.recognition import confidence
from sonograph.recognition.agreement import NEUTRAL, Errors
from sonograph.recognition.chromaprint import RATE, SECONDS_PER_ITEM
from sonograph.recognition.clip import Clip
from sonograph.recognition.landmarks.peaks import FRAME, FRAMES_PER_SECOND
from sonograph.recognition.matcher import Evidence, Matcher
from sonograph.recognition.picture import ITEM_MIDDLE, Picture, picture

SUFFIXES = (".png", ".svg", ".pdf")
CHANCE = 0.49  # share of bits that differ between any two recordings
_HERTZ = RATE / FRAME  # of a bin of pitch
_MEAN = 16  # items, two seconds, that the thick line of bit errors is the mean of
_BLUE, _ORANGE, _GREY = "#0b5fa5", "#d95f02", "#9a9a9a"


def check(path: Path) -> None:
    """Whether a picture can be drawn there; before anything is decoded."""
    if path.suffix.lower() not in SUFFIXES:
        raise Invalid(f"--plot: the file's name must end in {', '.join(SUFFIXES)}", "plot")
    if not path.parent.is_dir():
        raise Invalid(f"--plot: there is no folder {path.parent}", "plot")
    if find_spec("matplotlib") is None:
        raise Misconfigured("--plot needs matplotlib: pip install 'sonograph[plot]'")


def draw(path: Path, title: str, matcher: Matcher, clip: Clip, of: Evidence) -> None:
    """Three panels over the clip's time: all pairs of items, bit errors, peaks."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (optional)

    seen = picture(matcher, clip, of)
    figure = Figure(figsize=(11, 12), dpi=110, layout="constrained")
    verdict = "found" if of.confidence >= confidence.LEAST else "not found"
    figure.suptitle(f"{title}\n{verdict}, confidence {of.confidence:.3f}", fontsize=13)
    above, middle, below = figure.subplots(3, 1, height_ratios=(5, 2, 4), sharex=True)
    _diagonal(above, seen)
    _bit_errors(middle, seen, of)
    _peaks(below, seen, clip, of)
    below.set_xlabel("seconds of the clip")
    below.set_xlim(0, max(seen.clip_seconds, 1e-3))
    figure.savefig(path)


def _diagonal(axes: Any, seen: Picture) -> None:
    if seen.pairs.size:
        columns, rows = seen.pairs_reach
        extent = (ITEM_MIDDLE, ITEM_MIDDLE + columns, ITEM_MIDDLE, ITEM_MIDDLE + rows)
        shown = {"cmap": "gray", "vmin": 0.1, "vmax": CHANCE, "interpolation": "nearest"}
        axes.imshow(seen.pairs, origin="lower", aspect="auto", extent=extent, **shown)
    times = np.array((0.0, seen.clip_seconds))
    axes.plot(times, seen.offset + seen.speed * times, color=_ORANGE, linewidth=6, alpha=0.25)
    if seen.peaks is not None:
        heard = seen.peaks.seconds[seen.peaks.heard]
        label = "peaks heard, on the line"
        axes.plot(heard, seen.offset + seen.speed * heard, ".", color=_BLUE, markersize=3, label=label)
        axes.legend(loc="upper left", markerscale=3, fontsize=8)
    axes.set_ylim(0, max(seen.reference_seconds, 1e-3))
    axes.set_ylabel("seconds of the reference")
    axes.set_title("Chromaprint: where the bits of clip and reference agree (dark)", loc="left", fontsize=10)


def _bit_errors(axes: Any, seen: Picture, of: Evidence) -> None:
    times = (np.arange(len(seen.bit_errors)) + 0.5) * SECONDS_PER_ITEM + ITEM_MIDDLE
    axes.plot(times, seen.bit_errors, ".", color=_GREY, markersize=3)
    axes.plot(times, _smooth(seen.bit_errors), color=_BLUE, linewidth=2, label="mean of two seconds")
    axes.axhline(CHANCE, color=_GREY, linestyle=":", label="chance")
    axes.axhline(NEUTRAL, color=_ORANGE, linestyle="--", label="neither for nor against")
    said = "nothing agrees" if seen.speed == 1 else "at another speed, bits say little"
    if of.agreed is not None:
        start, end = (at * SECONDS_PER_ITEM + ITEM_MIDDLE for at in (of.agreed.start, of.agreed.end))
        axes.axvspan(start, end, color=_BLUE, alpha=0.08)
        said = f"{of.agreed.bit_error:.1%} in the best run, {of.agreed.evidence:.1f} standard deviations from chance"
    axes.set_ylim(0, 0.75)
    axes.set_ylabel("share of bits")
    axes.legend(loc="upper right", ncols=3, fontsize=8)
    axes.set_title(f"Chromaprint: bits that differ along the line. {said}", loc="left", fontsize=10)


def _smooth(errors: Errors) -> Errors:
    known = np.isfinite(errors)
    width = np.ones(min(_MEAN, max(1, len(errors))))
    counts = np.convolve(known, width, "same")
    sums = np.convolve(np.where(known, errors, 0.0), width, "same")
    mean: Errors = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return mean


def _peaks(axes: Any, seen: Picture, clip: Clip, of: Evidence) -> None:
    if clip.peaks is not None:
        times = clip.peaks.time / FRAMES_PER_SECOND
        axes.plot(times, clip.peaks.pitch * _HERTZ, ".", color=_GREY, markersize=2.5, label="the clip's own")
    said = "none of the reference"
    if seen.peaks is not None and of.line is not None:
        heard = seen.peaks.heard
        hertz = seen.peaks.pitch * _HERTZ
        axes.plot(seen.peaks.seconds[~heard], hertz[~heard], "x", color=_ORANGE, markersize=4, label="missed")
        axes.plot(seen.peaks.seconds[heard], hertz[heard], "o", color=_BLUE, markersize=4, label="heard")
        said = f"{int(heard.sum())} of {len(heard)} heard, score {of.line.score:.0f}, speed {of.line.speed:.4f}"
    if axes.lines:
        axes.legend(loc="upper right", ncols=3, fontsize=8, markerscale=1.5)
    axes.set_ylim(0, 4100)
    axes.set_ylabel("Hz")
    axes.set_title(f"Landmarks: the reference's peaks. {said}", loc="left", fontsize=10)
