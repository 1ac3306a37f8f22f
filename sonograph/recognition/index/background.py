"""Work in threads that nothing waits for at the end of the process.

Merges and sorts take up to a minute and cannot be interrupted. Whatever ends in the middle of one leaves the index as
it was, so a process that is to stop need not wait: asyncio's own threads would make it.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.05


class Background:
    """Threads of one folder of the index."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    @property
    def busy(self) -> bool:
        """Whether any work is under way, be it that nobody waits for it any more."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        return bool(self._threads)

    async def rest(self, or_until: Callable[[], bool]) -> None:
        """Until nothing is under way, or something else holds."""
        while self.busy and not or_until():  # noqa: ASYNC110  # threads set no asyncio events
            await asyncio.sleep(PAUSE)

    def run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Starts the work at once; its result or error comes in the future, unless its loop has ended."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def succeed(result: T) -> None:
            if not future.done():  # cancelled: nobody waits
                future.set_result(result)

        def fail(error: BaseException) -> None:
            if not future.done():
                future.set_exception(error)

        def run() -> None:
            with suppress(RuntimeError):  # the loop is closed
                try:
                    result = work()
                except BaseException as error:  # noqa: BLE001  # it belongs to who waits
                    loop.call_soon_threadsafe(fail, error)
                else:
                    loop.call_soon_threadsafe(succeed, result)

        thread = threading.Thread(target=run, name="index", daemon=True)
        self._threads.append(thread)
        thread.start()
        return future
