"""Whether an address is that of a radio stream, before anybody watches it."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from sonograph.egress.addresses import Network
from sonograph.errors import Invalid
from sonograph.monitoring.source.faults import FILE, RECORDING, Fault
from sonograph.monitoring.source.items import Connected
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.on_air import OnAir
from sonograph.monitoring.source.reader import decoders, source_of
from sonograph.monitoring.source.sources import Source
from sonograph.monitoring.source.terms import Terms

_SECONDS = 15.0
_LOOK = 4.0  # seconds in which a file may come to its end
_GLANCE = 0.5  # seconds that are looked at together
_PLAYS = 32_768  # bytes within them, of what comes as it plays: 512 kbit/s. More may be a burst, FLAC, or a file


@dataclass(frozen=True, slots=True)
class Probed:
    url: str  # as asked
    codec: str  # as FFmpeg names it
    name: str | None  # of the station, as it says


async def probe(url: str, *, allowed: Sequence[Network], means: Means | None = None) -> Probed:
    """Says what is heard at an address; within 15 seconds.

    Raises `Invalid` for the field `url` with the reason where nothing is: a web page, a forbidden or unreachable
    address, a playlist without sound, a video, silence of the server, or a file that comes to its end.
    """
    terms = Terms.of(allowed, means, titles=False)
    try:
        async with asyncio.timeout(_SECONDS):
            connected = await _first(url, terms)
    except TimeoutError:
        raise Invalid(f"url: there is no sound within {_SECONDS:.0f} s", "url") from None
    except Fault as fault:
        raise Invalid(f"url: {fault.reason}", "url") from None
    return Probed(url, connected.codec, connected.name)


async def _check_endless(source: Source) -> None:
    """Raises `Fault` for a file, all of which comes while we look. A station sends a burst, and then as it plays."""
    if not source.steady:
        if source.complete:
            raise Fault(RECORDING, lasting=True)
        return
    running = asyncio.get_running_loop()
    until = running.time() + _LOOK
    while (now := running.time()) < until:
        end, came = min(until, now + _GLANCE), 0
        while (left := end - running.time()) > 0:
            try:
                parts = await source.more(left)
            except Fault as fault:
                raise Fault(FILE, lasting=True) if fault.ended else fault from None
            came += sum(len(part) for part in parts if isinstance(part, bytes))
        if source.complete:
            raise Fault(FILE, lasting=True)
        if came < _PLAYS:
            return


async def _first(url: str, terms: Terms) -> Connected:
    source = await source_of(url, terms)
    try:
        on_air = OnAir(source, terms.means, terms.means.pool or decoders(), live=False, heard=0.0)
        async with aclosing(on_air.items()) as items:
            async for item in items:
                if isinstance(item, Connected):
                    await _check_endless(source)
                    return item
    finally:
        await source.close()
    raise Fault("There is no sound.")
