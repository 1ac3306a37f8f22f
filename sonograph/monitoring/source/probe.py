"""Whether an address is that of a radio stream, before anybody watches it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sonograph.egress.addresses import Network
from sonograph.monitoring.source.means import Means


@dataclass(frozen=True, slots=True)
class Probed:
    url: str  # as asked
    codec: str  # as FFmpeg names it
    name: str | None  # of the station, as it says


async def probe(url: str, *, allowed: Sequence[Network], means: Means | None = None) -> Probed:
    """Says what is heard at an address; within 15 seconds.

    Raises `Invalid` for the field `url` with the reason where nothing is: a web page, a forbidden or unreachable
    address, a playlist without sound, a video, silence of the server.
    """
    raise NotImplementedError
