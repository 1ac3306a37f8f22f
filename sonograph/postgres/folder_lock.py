"""Locks between the processes that share a data folder. The kernel drops them with their process, even at kill -9."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonograph.errors import Unavailable

if sys.platform != "win32":
    import fcntl

PAUSE = 0.02  # seconds between two tries: flock itself has no time limit


def open_own(path: Path, flags: int) -> int:
    """Opens a file of ours in our folder, made if missing. Root makes it for the owner of the folder."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


@contextmanager
def exclusive(path: Path, seconds: float) -> Iterator[None]:
    """Holds the lock for a block; `Unavailable` when another process keeps it for longer than `seconds`."""
    descriptor = open_own(path, os.O_RDWR)
    try:
        deadline = time.monotonic() + seconds
        while not taken(descriptor):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Another process has held {path} for {seconds:.0f} s, starting or stopping the server."
                )
            time.sleep(PAUSE)
        yield
    finally:
        os.close(descriptor)


def taken(descriptor: int) -> bool:
    """Takes the lock for ourselves alone, if that needs no waiting."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def share(descriptor: int) -> None:
    """Takes the lock together with others; only called where nobody holds it alone for long."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)
