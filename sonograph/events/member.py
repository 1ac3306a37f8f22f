"""Whoever a broadcast tells: what it may ask of a listener, and how it lets go of one."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from enum import Enum


class Ending(Enum):
    """Why a listener was let go. Whoever comes back with the last event it got loses nothing, whichever it was."""

    SLOW = "slow"  # it did not take what there was
    CLOSING = "closing"  # this process is about to end: it should come back at once
    REFUSED = "refused"  # its key is not in force any more


class Member(ABC):
    """A listener of a broadcast. Payloads are shared by all listeners: they are never changed."""

    __slots__ = ()

    @abstractmethod
    def offer(self, payload: bytes) -> bool:
        """Take a payload now, without waiting; False when there is no room: the member is out, and is told `end`."""

    @abstractmethod
    async def take(self, payload: bytes) -> None:
        """Take a payload of the past, and wait until there is room for another one.

        Raises whatever ends the joining (TimeoutError, OSError): `Broadcast.join` lets it through.
        """

    def missed(self, until: int) -> None:  # noqa: B027  # whoever has nobody to tell it need not
        """Events up to this id are not kept any more: some that it asked for may be among them. Before all others."""

    @abstractmethod
    def end(self, why: Ending) -> None:
        """It is not a member any more, and gets nothing after this. Must not wait, nor raise."""


class QueueMember(Member):
    """A listener with a bounded queue, for whoever reads it at its own pace: `async for payload in member`.

    What is in the queue at an `end` is still read; then the iteration ends, and `ended` says why.
    """

    __slots__ = ("_bytes", "_max_bytes", "_max_messages", "_queue", "_room", "_waiter", "ended")

    def __init__(self, max_messages: int = 256, max_bytes: int = 256 * 1024) -> None:
        """One payload larger than `max_bytes` fits into an empty queue."""
        self._max_messages, self._max_bytes = max_messages, max_bytes
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None  # of who reads
        self._room: asyncio.Future[None] | None = None  # of who replays
        self.ended: Ending | None = None

    def offer(self, payload: bytes) -> bool:
        if self.ended is not None or (self._queue and self._is_full(len(payload))):
            return False
        self._queue.append(payload)
        self._bytes += len(payload)
        _wake(self._waiter)
        return True

    async def take(self, payload: bytes) -> None:
        while self.ended is None and self._queue and self._is_full(len(payload)):
            self._room = asyncio.get_running_loop().create_future()
            await self._room
        if not self.offer(payload):
            raise ConnectionResetError("the listener has ended")

    def end(self, why: Ending) -> None:
        if self.ended is None:
            self.ended = why
        _wake(self._waiter)
        _wake(self._room)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._queue:
                payload = self._queue.popleft()
                self._bytes -= len(payload)
                _wake(self._room)
                yield payload
            if self.ended is not None:
                return
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def _is_full(self, more: int) -> bool:
        return len(self._queue) >= self._max_messages or self._bytes + more > self._max_bytes


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
