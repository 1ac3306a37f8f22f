"""What a listener got, gathered."""

from collections.abc import Callable, Sequence
from contextlib import aclosing

import numpy as np
from numpy.typing import NDArray

from sonograph.egress.addresses import Network
from sonograph.monitoring.source.items import Item, Sound, Trouble
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.reader import listen
from tests.monitoring_source.stations import LOOPBACK, means


async def heard(  # noqa: PLR0913  (what a listener chooses)
    url: str,
    until: Callable[[Item], object] | None = None,
    *,
    live: bool = False,
    titles: bool = True,
    allowed: Sequence[Network] = LOOPBACK,
    by: Means | None = None,
) -> list[Item]:
    """All items up to the one for which `until` holds, or else up to the first trouble."""
    items: list[Item] = []
    listening = listen(url, allowed=allowed, titles=titles, live=live, means=by or means())
    async with aclosing(listening):
        async for item in listening:
            items.append(item)
            if isinstance(item, Trouble) if until is None else until(item):
                break
    return items


def sound(items: list[Item]) -> NDArray[np.int16]:
    """All of it in one."""
    blocks = [item.pcm for item in items if isinstance(item, Sound)]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)


def reason(items: list[Item]) -> str:
    """Of the last item, which is trouble."""
    assert isinstance(items[-1], Trouble)
    return items[-1].reason
