"""Somebody who listens to a subscription, whatever the transport; what is sent goes straight to the connection."""

import asyncio
from abc import abstractmethod
from typing import cast

from api.answer import Answer
from api.subscribing import Subscribed
from sonograph.errors import SonographError, Unavailable
from sonograph.events.member import Ending, Member
from sonograph.events.outlet import MAX_BEHIND, TAKE_SECONDS, Outlet
from sonograph.events.subscription import Closing

PAUSE_BEHIND = 64 * 1024  # bytes of a replay that may be under way


class Listener(Member):
    """A listener of one operation. `listen` begins, `leave` ends it from the client's side."""

    __slots__ = ("_missed", "outlet", "subscribed")

    def __init__(self, outlet: Outlet, subscribed: Subscribed) -> None:
        self.outlet, self.subscribed = outlet, subscribed
        self._missed: int | None = None

    async def listen(self) -> bool:
        """Tell it what it missed, then what happens; True once it is up to date, False when it has ended instead."""
        try:
            await self.subscribed.join(self)
        except TimeoutError:
            self.end(Ending.SLOW)
        except ConnectionResetError:
            pass
        except (Closing, Unavailable):
            self.end(Ending.CLOSING)
        else:
            return True
        return False

    def leave(self) -> None:
        self.subscribed.leave(self)

    def offer(self, payload: bytes) -> bool:
        outlet = self.outlet
        if outlet.behind > MAX_BEHIND:
            return False
        outlet.put(self.framed(cast("Answer", payload) if self._missed is None else self._saying(payload)))
        return True

    async def take(self, payload: bytes) -> None:
        self.outlet.put(self.framed(cast("Answer", payload) if self._missed is None else self._saying(payload)))
        if self.outlet.behind > PAUSE_BEHIND:
            async with asyncio.timeout(TAKE_SECONDS):
                await self.outlet.drained()
        if not self.outlet.is_open:
            raise ConnectionResetError

    def missed(self, until: int) -> None:
        self._missed = until

    def _saying(self, payload: bytes) -> Answer:
        missed, self._missed = self._missed, None
        return cast("Answer", payload).saying(cast("int", missed))

    @abstractmethod
    def framed(self, answer: Answer) -> bytes:
        """As the transport sends it."""

    @abstractmethod
    def fail(self, error: SonographError) -> None:
        """End the operation with an error."""
