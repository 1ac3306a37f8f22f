"""What the `sonograph` program calls: Ctrl-C stops it without a traceback, while its modules are loaded, too."""

import os
import signal
import sys
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


def main() -> None:
    """Load the commands, which takes a second, and run the one that is asked for."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # ignored, as in the background of a script
        import_module("api.cli").main()
        return
    signal.signal(signal.SIGINT, _stop)
    command = import_module("api.cli").main
    signal.signal(signal.SIGINT, signal.default_int_handler)
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
