"""What the service's event loop notices of recognition: `python -m benchmarks.recognition.responsiveness FILE…`.

Does something trivial every 2 ms, first while nothing is identified, then while four requests to identify the files
run at all times, and prints how late it was. With `--in-process` the same is done in threads of this process, as it
would be without processes of their own: what that costs is the GIL's.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.figures import percentile, table
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.clip import listen
from sonograph.recognition.jobs import OfFile
from sonograph.recognition.matcher import Matcher
from sonograph.recognition.processes import Processes

INTERVAL = 0.002  # seconds
AT_A_TIME = 4
SECONDS = 10.0

Identify = Callable[[Path], Awaitable[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.responsiveness", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--index", type=Path, help="a data folder with an index; none: an empty one")
    parser.add_argument("--in-process", action="store_true")
    asyncio.run(_measured(parser.parse_args()))


async def _measured(asked: argparse.Namespace) -> None:
    rows = [_row("nothing", await _waits(), 0)]
    with tempfile.TemporaryDirectory() as empty:
        data = asked.index or Path(empty)
        if asked.in_process:
            matcher = Matcher(data / "index" / "live")

            async def threaded(file: Path) -> None:
                await asyncio.to_thread(lambda: matcher.recognise(listen(decode(file, length=60))))

            rows.append(_row("4 in threads", *await _busy(threaded, asked.files)))
        else:
            processes = Processes([str(data), "120"], count=2, waiting=8, seconds=120)

            async def apart(file: Path) -> None:
                await processes.run(OfFile(str(file), test=False, top=5, length=60))

            await apart(asked.files[0])
            rows.append(_row("4 in processes", *await _busy(apart, asked.files)))
            await processes.close()
    print(table(["meanwhile", "identified", "times", "ms late p50", "p95", "p99", "most"], rows))


async def _waits() -> list[float]:
    """By how many seconds each rest was longer than it should be."""
    late = []
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        began = time.perf_counter()
        await asyncio.sleep(INTERVAL)
        late.append(time.perf_counter() - began - INTERVAL)
    return late


async def _busy(identify: Identify, files: list[Path]) -> tuple[list[float], int]:
    names, done = cycle(files), 0

    async def asking() -> None:
        nonlocal done
        while True:
            await identify(next(names))
            done += 1

    askers = [asyncio.create_task(asking()) for _ in range(AT_A_TIME)]
    late = await _waits()
    for asker in askers:
        asker.cancel()
    await asyncio.gather(*askers, return_exceptions=True)
    return late, done


def _row(name: str, late: list[float], done: int) -> list[object]:
    milliseconds = [1000 * one for one in late]
    shares = (percentile(milliseconds, share) for share in (0.5, 0.95, 0.99))
    return [name, done, len(late), *(f"{share:.2f}" for share in shares), f"{max(milliseconds):.1f}"]


if __name__ == "__main__":
    main()
