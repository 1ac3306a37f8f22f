"""Monitor: watches radio streams, on any number of machines; each has its share (sonograph/monitoring/monitor.py)."""

import asyncio
import logging
import os
import socket
from contextlib import suppress

from sonograph.engine import Engine
from sonograph.monitoring.monitor import Monitor, Setup
from sonograph.monitoring.streams import Reach
from workers import index, outage_mail

AGAIN_SECONDS = 5.0  # after a fault of ours

_log = logging.getLogger(__name__)


async def run(engine: Engine, stop: asyncio.Event) -> None:
    """Watch until told to stop, with the index that recognition needs, and tell of outages by mail."""
    await asyncio.gather(_watch(engine, stop), index.run(engine, stop), outage_mail.run(engine, stop))


async def _watch(engine: Engine, stop: asyncio.Event) -> None:
    """A fault is logged and begun anew after: the service that this may run in goes on."""
    setup = setup_of(engine)
    while not stop.is_set():
        try:
            await Monitor(setup).run(stop)
        except Exception:  # noqa: BLE001  # see above
            _log.exception("watching streams failed; it is begun anew in %.0f s", AGAIN_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_SECONDS)


def setup_of(engine: Engine) -> Setup:
    settings = engine.settings
    return Setup(
        accounts=engine.accounts,
        live=engine.live,
        sandbox=engine.sandbox,
        dsn=engine.dsn,
        data_dir=settings.data_dir,
        station=Reach(base_url=settings.base_url).station,
        name=f"{socket.gethostname()}:{os.getpid()}",
        capacity=settings.monitor_streams,
        threads=settings.monitor_threads,
        allowed=engine.allowed,
    )
