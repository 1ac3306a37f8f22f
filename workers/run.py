"""Start a named set of loops in one process, and stop them together."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence

from sonograph.engine import Engine, open_engine
from sonograph.errors import Invalid
from sonograph.settings import Settings
from workers import index, monitor, sweep

Loop = Callable[[Engine, asyncio.Event], Coroutine[None, None, None]]

LOOPS: Mapping[str, Loop] = {"sweep": sweep.run, "index": index.run, "monitor": monitor.run}


def chosen(names: Sequence[str]) -> dict[str, Loop]:
    """The loops of these names, all of them when none is named; raises `Invalid` for an unknown one."""
    unknown = sorted(set(names) - set(LOOPS))
    if unknown:
        raise Invalid(f"There is no worker {unknown[0]!r}; there are: {', '.join(LOOPS)}", "name")
    return {name: LOOPS[name] for name in names or LOOPS}


async def run(settings: Settings, names: Sequence[str]) -> None:
    """Run loops until SIGINT or SIGTERM. A loop that fails ends the others, and the error is raised."""
    loops, stop = chosen(names), asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        running.add_signal_handler(number, stop.set)
    async with open_engine(settings) as engine:
        await together(loops, engine, stop)


async def together(loops: Mapping[str, Loop], engine: Engine, stop: asyncio.Event) -> None:
    """Run loops beside each other until `stop` is set or one of them fails."""
    try:
        async with asyncio.TaskGroup() as group:
            for name, loop in loops.items():
                group.create_task(loop(engine, stop), name=name)
    finally:
        stop.set()
