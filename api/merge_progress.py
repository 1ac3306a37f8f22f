"""What a pass of merging shows while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console

SECONDS = 5.0  # between two lines


@contextmanager
def show_merge(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A function that prints how far a pass is, with its rate and the time left, every few seconds."""
    started: dict[str, float] = {}
    last = monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal last
        now = monotonic()
        begun = started.setdefault(what, now)
        if now - last > SECONDS:
            last = now
            rate = done / max(now - begun, 0.001)
            left = f", {(total - done) / rate:,.0f} s left" if now > begun else ""
            console.print(f"merging {what}: {done:,} of {total:,}{left}", highlight=False, soft_wrap=True)

    yield tell
