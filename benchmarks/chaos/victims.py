"""What is killed: processes of the service that come back, and the database."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("sonograph")
LOOK_SECONDS = 0.5  # between two looks whether it is ready again


class Part(ABC):
    """What can be killed, and is ready or not. `returned`: seconds from each kill until it was ready again."""

    @abstractmethod
    async def kill(self, down: float) -> None: ...

    def __init__(self, name: str, is_ready: Callable[[Any], Awaitable[bool]]) -> None:
        self.name, self.kills, self.ready = name, 0, True
        self.returned: list[float] = []
        self._is_ready = is_ready

    async def up(self) -> None:
        """Returns once it is ready."""
        while not await self._is_ready(self):  # noqa: ASYNC110  # another process is; it sets no event here
            await asyncio.sleep(LOOK_SECONDS)

    async def watch(self) -> None:
        """Keeps `ready` up to date, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self.ready:
                began = time.monotonic()
                await self.up()
                self.returned.append(time.monotonic() - began)
                self.ready = True


class Victim(Part):
    """A process that is killed now and then, and started again a moment later; also if it ends by itself.

    It does where the database is away when it starts: whatever runs it (systemd, Kubernetes) starts it again.
    """

    def __init__(
        self,
        name: str,
        arguments: list[str],
        settings: Mapping[str, str],
        folder: Path,
        is_ready: Callable[["Victim"], Awaitable[bool]],
    ) -> None:
        super().__init__(name, is_ready)
        self.ends = 0  # by itself
        self._arguments, self._log = arguments, folder / f"{name}.log"
        outside = {key: value for key, value in os.environ.items() if not key.startswith("SONOGRAPH_")}
        self._environment = outside | {f"SONOGRAPH_{key.upper()}": value for key, value in settings.items()}
        self._process: subprocess.Popen[bytes] | None = None
        self._supervising: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [str(COMMAND), *self._arguments]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        if self._supervising is None:
            self._supervising = asyncio.create_task(self._supervise())

    async def _supervise(self) -> None:
        while True:
            await asyncio.sleep(1)
            if self._process is not None and self._process.poll() is not None:
                self.ends += 1
                self.start()

    async def kill(self, down: float) -> None:
        """With no chance to tidy up; it is started again after so many seconds."""
        process, self._process = self._process, None
        self.ready = False
        _end(process, signal.SIGKILL)
        self.kills += 1
        await asyncio.sleep(down)
        self.start()

    def stop(self) -> None:
        """In order, and for good."""
        if self._supervising is not None:
            self._supervising.cancel()
        _end(self._process, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    if process is not None:
        if process.poll() is None:
            process.send_signal(number)
        process.wait(30)


class Database(Part):
    """The embedded server, which its supervisor in this process starts again."""

    def __init__(self, folder: Path, is_ready: Callable[[Any], Awaitable[bool]]) -> None:
        super().__init__("PostgreSQL", is_ready)
        self._pid_file = folder / "data" / "postmaster.pid"

    async def kill(self, down: float) -> None:
        """Its first process, as by want of memory; the others end by themselves."""
        del down  # its supervisor looks every second
        try:
            os.kill(int(self._pid_file.read_text(encoding="ascii").split()[0]), signal.SIGKILL)
        except (OSError, IndexError, ValueError):
            return  # it is just being started
        self.ready = False
        self.kills += 1
