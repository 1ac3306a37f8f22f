"""Listens to a stream for as long as somebody wants to."""
# ruff: noqa: ARG001  (the body follows)

from collections.abc import AsyncIterator, Sequence

from sonograph.egress.addresses import Network
from sonograph.monitoring.source.items import Item
from sonograph.monitoring.source.means import Means


async def listen(
    url: str, *, allowed: Sequence[Network], titles: bool = True, live: bool = True, means: Means | None = None
) -> AsyncIterator[Item]:
    """What is on air at an address, for ever: after every fault it waits and asks again. Cancel it to stop.

    Sound is read only as fast as it is taken from here, so memory is bounded and who is slow harms nobody else.
    `live=False` is for stations that send faster than they play, as those of tests do: times then count samples.
    """
    raise NotImplementedError
    yield  # type: ignore[unreachable]  # makes it a generator
