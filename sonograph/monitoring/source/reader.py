"""Listens to a stream for as long as somebody wants to."""

import os
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from functools import cache

import structlog

from sonograph.egress.addresses import Network
from sonograph.monitoring.source.backoff import Backoff
from sonograph.monitoring.source.faults import OURS, Fault
from sonograph.monitoring.source.hls import Hls
from sonograph.monitoring.source.items import Item, Trouble
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.on_air import OnAir
from sonograph.monitoring.source.opening import HlsFound, opened
from sonograph.monitoring.source.sources import Connection, Source
from sonograph.monitoring.source.terms import Terms

_THREADS = 4  # at the most, that decode; one keeps 400 streams
log = structlog.get_logger()


async def listen(
    url: str, *, allowed: Sequence[Network], titles: bool = True, live: bool = True, means: Means | None = None
) -> AsyncGenerator[Item, None]:
    """What is on air at an address, for ever: after every fault it waits and asks again. Cancel it to stop.

    Sound is read only as fast as it is taken from here, so memory is bounded and who is slow harms nobody else.
    `live=False` is for stations that send faster than they play, as those of tests do: times then count samples.
    """
    terms = Terms.of(allowed, means, titles=titles)
    clock = terms.means.clock
    backoff = Backoff(terms.means.patience)
    heard = float("-inf")  # up to when there was sound
    while True:
        sound = 0.0
        try:
            source = await source_of(url, terms)
            on_air = OnAir(source, terms.means, terms.means.pool or decoders(), live=live, heard=heard)
            try:
                async with aclosing(on_air.items()) as items:
                    async for item in items:
                        yield item
            finally:
                sound, heard = on_air.sound, on_air.end
                await source.close()
        except Fault as found:
            fault = found
        except Exception:
            log.exception("a stream could not be read", url=url.partition("?")[0])  # the query may hold a key
            fault = Fault(OURS, lasting=True)
        wait = backoff.after(fault, sound)
        yield Trouble(clock.now() if live else max(clock.now(), heard), fault.reason, wait)
        if wait:
            await clock.sleep(wait)


async def source_of(url: str, terms: Terms) -> Source:
    """A connection to what sends sound at an address."""
    found = await opened(url, terms)
    return Hls(found, terms) if isinstance(found, HlsFound) else Connection(found, titles=terms.titles)


@cache
def decoders() -> Executor:
    """The threads in which all streams of the process are decoded, each for some milliseconds at a time."""
    return ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1), thread_name_prefix="decoder")
