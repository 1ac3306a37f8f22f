"""What there is to see of one reference in a clip, for pictures: where it agrees, and where it does not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.agreement import Errors, errors
from sonograph.recognition.chromaprint import SECONDS_PER_ITEM, Items
from sonograph.recognition.clip import SEEN_BY_ITEM, Clip
from sonograph.recognition.edges import Traced, traced
from sonograph.recognition.matcher import Evidence, Matcher

ITEM_MIDDLE = SEEN_BY_ITEM / 2  # seconds after its beginning: half of what an item looks at
MOST = 1_500  # items on each side of the image of all pairs: of longer ones every so-manyth is taken


@dataclass(frozen=True, slots=True)
class Picture:
    """All times are in seconds."""

    pairs: Errors  # share of bits that differ: (reference, clip); empty without items
    pairs_reach: tuple[float, float]  # seconds that the columns and the rows reach, after `ITEM_MIDDLE` each
    clip_seconds: float
    reference_seconds: float
    offset: float  # the reference's second at the clip's second 0
    speed: float
    bit_errors: Errors  # along the line, an item each; NaN where there is nothing to compare
    peaks: Traced | None  # of the reference, along the line


def picture(matcher: Matcher, clip: Clip, of: Evidence) -> Picture:
    items = matcher.items.items_of(of.reference)
    reference = matcher.landmarks.peaks_of(of.reference)
    offset, speed = 0.0, 1.0
    if of.line is not None and of.line.score > 0:
        offset, speed = of.line.offset, of.line.speed
    elif of.agreed is not None:
        offset = of.agreed.offset * SECONDS_PER_ITEM
    place = of.agreed.offset if of.agreed is not None else round(offset / SECONDS_PER_ITEM)
    along = None
    if of.line is not None and clip.peaks is not None and reference is not None:
        along = traced(clip.peaks, reference, of.line, clip.seconds)
    sizes = len(clip.items), 0 if items is None else len(items)
    reach = (sizes[0] * SECONDS_PER_ITEM, sizes[1] * SECONDS_PER_ITEM)
    return Picture(
        pairs=_pairs(clip.items, items) if items is not None else np.zeros((0, 0)),
        pairs_reach=reach,
        clip_seconds=clip.seconds,
        reference_seconds=offset + speed * clip.seconds if items is None else reach[1] + 2 * ITEM_MIDDLE,
        offset=offset,
        speed=speed,
        bit_errors=errors(clip.items, items, place) if items is not None else np.full(len(clip.items), np.nan),
        peaks=along,
    )


def _pairs(query: Items, reference: Items) -> Errors:
    """Each item with each, as far as a picture can show them."""
    ours, theirs = (_thinned(items) for items in (query, reference))
    shares: NDArray[np.float64] = np.bitwise_count(theirs[:, np.newaxis] ^ ours) / 32
    return shares


def _thinned(items: Items) -> Items:
    return items[:: max(1, -(-len(items) // MOST))]
