"""References that a file sounds like, with how far, the most alike first."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import numpy as np

from sonograph.recognition.importing import store
from sonograph.recognition.importing.agreement import HEARD_AGAIN, agreement, landmarks_shared
from sonograph.recognition.importing.sound import Sound
from sonograph.recognition.store import references_of


@dataclass(frozen=True, slots=True)
class Alike:
    """A reference that a file sounds like, be it in a part."""

    reference: int
    track: int  # merged ones led on
    identical: bool  # one recording from end to end, encoded twice
    landmarks: bool  # whether the reference has them


async def compared(connection: asyncpg.Connection, sound: Sound, candidates: Sequence[int]) -> list[Alike]:
    """Of these references those that sound like a file; identical ones first."""
    known = await store.references(connection, candidates)
    items = np.frombuffer(sound.items, "<u4")
    found: list[tuple[float, Alike]] = []
    for one in await references_of(connection, list(known)):
        agreed = agreement(items, one.items) if one.items is not None else None
        if agreed is None or not agreed.alike:
            continue
        same = agreed.identical and (
            one.landmarks is None or landmarks_shared(sound.landmarks, one.landmarks, agreed.offset) >= HEARD_AGAIN
        )
        alike = Alike(one.id, known[one.id].track, same, one.landmarks is not None)
        found.append((agreed.ber, alike))
    found.sort(key=lambda pair: (not pair[1].identical, pair[0]))
    return [alike for _, alike in found]
