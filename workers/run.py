"""Start a named set of loops in one process, and stop them together."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib import import_module

from sonograph.engine import Engine, open_engine, waiting_seconds
from sonograph.errors import Invalid
from sonograph.postgres.waiting import entered
from sonograph.settings import Settings

Loop = Callable[[Engine, asyncio.Event], Coroutine[None, None, None]]

LOOPS = ("sweep", "index", "monitor")  # each a module beside this one, with a function `run`


def chosen(names: Sequence[str]) -> dict[str, Loop]:
    """The loops of these names, all of them when none is named; raises `Invalid` for an unknown one."""
    unknown = sorted(set(names) - set(LOOPS))
    if unknown:
        raise Invalid(f"There is no worker {unknown[0]!r}; there are: {', '.join(LOOPS)}", "name")
    return {name: _load(name) for name in names or LOOPS}


def _load(name: str) -> Loop:
    """Loaded when it is wanted: what recognises takes 0.5 s of CPU and 40 MB that the service has no use for."""
    loop: Loop = import_module(f"workers.{name}").run
    return loop


async def run(settings: Settings, names: Sequence[str]) -> None:
    """Run loops until SIGINT or SIGTERM. A loop that fails ends the others, and the error is raised."""
    loops, stop = chosen(names), asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        running.add_signal_handler(number, stop.set)
    async with entered(lambda: open_engine(settings), waiting_seconds(settings), stop.is_set) as engine:
        await together(loops, engine, stop)


async def together(loops: Mapping[str, Loop], engine: Engine, stop: asyncio.Event) -> None:
    """Run loops beside each other until `stop` is set or one of them fails."""
    try:
        async with asyncio.TaskGroup() as group:
            for name, loop in loops.items():
                group.create_task(loop(engine, stop), name=name)
    finally:
        stop.set()
