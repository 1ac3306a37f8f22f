"""One pulse for all connections: a timer of its own for each costs memory, and a wake-up each time."""

import asyncio
from typing import Protocol

SLOTS = 20  # the pulse of 10,000 connections is 500 at a time


class Beating(Protocol):
    """What wants to hear from the heart; it must not take long, and must not raise."""

    def beat(self) -> None: ...


class Heart:
    """Calls each member's `beat` once in `seconds`, a slot of them at a time; it runs while there is a member."""

    def __init__(self, seconds: float) -> None:
        self._pause = seconds / SLOTS
        self._slots: list[dict[Beating, None]] = [{} for _ in range(SLOTS)]
        self._slot_of: dict[Beating, int] = {}
        self._now = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._slot_of)

    def add(self, member: Beating) -> None:
        """Its first beat is after the whole pause: it takes the slot that has just been."""
        self._slots[self._now][member] = None
        self._slot_of[member] = self._now
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._pulse)

    def discard(self, member: Beating) -> None:
        slot = self._slot_of.pop(member, None)
        if slot is not None:
            del self._slots[slot][member]
        if not self._slot_of and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pulse(self) -> None:
        self._now = (self._now + 1) % SLOTS
        self._timer = asyncio.get_running_loop().call_later(self._pause, self._pulse)
        for member in list(self._slots[self._now]):
            member.beat()
