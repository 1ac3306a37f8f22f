"""Connections that stay open (WebSockets, event streams): counted by account, and held to the plan."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sonograph.accounts.plans import PlanTable
from sonograph.accounts.principal import Principal
from sonograph.errors import LimitReached


class Connections:
    """One a process: each counts its own."""

    def __init__(self, plans: PlanTable) -> None:
        self._plans = plans
        self._open = Counter[int]()  # by account

    @contextmanager
    def counted(self, principal: Principal) -> Iterator[None]:
        """One more while this lasts; raises `LimitReached`."""
        account = principal.account_id
        most = self._plans.of(principal.plan).max_connections
        if self._open[account] >= most:
            raise LimitReached(f"At most {most} connections at once are included")
        self._open[account] += 1
        try:
            yield
        finally:
            self._open[account] -= 1
            if not self._open[account]:
                del self._open[account]
