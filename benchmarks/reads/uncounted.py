"""`sonograph serve` without burst limit and credits, to measure what they cost: nothing else is different."""

import sys
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import api.graphql
from api.cli import main
from api.throttle import Admission, Throttle
from sonograph.accounts.bill import Run
from sonograph.accounts.principal import Principal


class NoBill:
    """Charges nothing."""

    used = 0

    def __init__(self, *_: Any) -> None:
        """As the real one is made."""

    def check(self) -> None:
        """Nothing is refused."""

    def before(self, run: Run) -> Run:
        return run

    def end(self, **_: bool) -> None:
        """Nothing is counted."""


async def _admit(_: Throttle, __: Principal) -> Admission:
    return Admission(None, ())


def _no_prices(*_: Any) -> Sequence[tuple[str, int]]:
    return ()


def run() -> None:
    """Serve, by the settings in the environment."""
    with patch.object(Throttle, "admit", _admit), patch.multiple(api.graphql, Bill=NoBill, prices=_no_prices):
        sys.argv = ["sonograph", "serve"]
        main()


if __name__ == "__main__":
    run()
