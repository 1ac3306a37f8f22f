"""What the `sonograph` program calls: Ctrl-C stops it without a traceback, while its modules are loaded, too."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType

STATUS = 130  # of what SIGINT ended, as shells have it
# Commands that go on at their last commit; the first words of a command line.
_GO_ON = (("import",), ("catalog", "merge"), ("catalog", "estimate-popularity"))


def stopped() -> str:
    """What is said at the end of this command."""
    words = sys.argv[1:]
    goes_on = any(tuple(words[: len(names)]) == names for names in _GO_ON) and "--dry-run" not in words
    return "Stopped. The same command goes on where it was.\n" if goes_on else "Stopped.\n"


def _stop(_signal: int, _frame: FrameType | None) -> None:
    # Nothing is at work yet. An exception would be one in the middle of whatever module is loaded, and may be caught.
    os.write(2, stopped().encode())
    os._exit(STATUS)


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded, Ctrl-C ends the process at once; not where it is ignored, as behind a script."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def main() -> None:
    """Run the command that is asked for."""
    with loading():
        command = import_module("api.cli").main
    try:
        command()
    except KeyboardInterrupt:
        pass
    except SystemExit as error:  # typer makes one of Ctrl-C
        if error.code != STATUS:
            raise
    else:
        return
    sys.stderr.write(stopped())
    raise SystemExit(STATUS)
