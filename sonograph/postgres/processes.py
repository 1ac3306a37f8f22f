"""The processes of a server, found by the folder they work in.

Every PostgreSQL process keeps its data folder as working folder for life. That identifies it, where a pid in a file may
since belong to anybody, and it also finds backends that outlive a killed postmaster.
"""

import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

PROGRAMS = frozenset({"postgres", "initdb"})
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.2  # seconds between looks: a shutdown takes 50 ms or minutes


@dataclass(frozen=True, slots=True)
class PostmasterFile:
    """The parts of postmaster.pid that we use. `status` is starting, stopping, ready, or empty early in the start."""

    pid: int
    status: str

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """What the file says; None where there is no file, or nothing in it yet."""
        try:
            lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
            return cls(pid=int(lines[0]), status=lines[7].strip() if len(lines) > 7 else "")  # noqa: PLR2004 — its format
        except (FileNotFoundError, IndexError, ValueError):
            return None


def processes_in(folder: Path) -> list[psutil.Process]:
    """Living PostgreSQL processes that work in this real path, also when it has been deleted under them."""
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] in PROGRAMS:
            with suppress(psutil.Error):  # gone meanwhile, a zombie (it has no folder), or another user's
                if Path(process.cwd()) == folder:
                    found.append(process)
    return found


def gone_within(folder: Path, seconds: float) -> bool:
    """Waits until no PostgreSQL process works in the folder; False when time is up."""
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
    while processes_in(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    return True


def end_leftovers(folder: Path) -> bool:
    """Ends the processes of a server whose postmaster is gone; False when they resist.

    A backend notices the loss as soon as it waits for something, so first they get a second. Ending the rest is safe:
    what was committed is in the write-ahead log, and the next server starts only when none of them is left.
    """
    if gone_within(folder, 1):
        return True
    for number in (signal.SIGQUIT, signal.SIGKILL):
        send(processes_in(folder), number)
        if gone_within(folder, 5):
            return True
    return False


def send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
