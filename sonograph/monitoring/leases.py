"""Which streams this process watches: leases in the database, shared evenly by all processes that watch.

A process is seen every two seconds. Who was not seen for eight has lost its streams to whoever takes them; who could
not be seen for six stops writing by itself, and each write checks that its stream is still its own.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from sonograph.monitoring import lease_store

BEAT_SECONDS = 2.0
DEAD_SECONDS = 8.0
FENCED_SECONDS = 6.0
# Who was away itself does not judge others for so long: they may have been away for the same reason.
LENIENT_SECONDS = 6.0
FORGET_SECONDS = 86_400.0
SIMULATED_MOST = 20_000  # simulated streams a process has at most: each costs a comparison a second
GIVE_LEAST, GIVE_PART = 5, 10  # given at once: so many, or one in so many of those held
SLACK_PART = 10  # one in so many beyond the fair share moves nothing

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds; the same for all who share streams. Tests that wait for a death have shorter ones."""

    beat: float = BEAT_SECONDS
    dead: float = DEAD_SECONDS
    fenced: float = FENCED_SECONDS
    keep: float = 10.0  # between two times that what merely goes on is written


@dataclass(frozen=True, slots=True)
class Member:
    """A process that lives."""

    id: int
    capacity: int
    held: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a look gave: the streams that are ours with their revisions, and those that are to be given away."""

    streams: Mapping[int, int]
    to_give: Sequence[int] = field(default=())


def fair_shares(members: Sequence[Member], streams: int) -> dict[int, int]:
    """How many streams each is to have: as even as capacities allow, the rest by number; the same wherever asked."""
    shares = {member.id: 0 for member in members}
    left, hungry = streams, sorted((one for one in members if one.capacity), key=lambda member: member.id)
    while left and hungry:
        part = left // len(hungry)
        for member in hungry[: left if part == 0 else None]:
            more = min(max(1, part), member.capacity - shares[member.id])
            shares[member.id] += more
            left -= more
        hungry = [member for member in hungry if shares[member.id] < member.capacity]
    return shares


def surplus(own: int, members: Sequence[Member], shares: Mapping[int, int]) -> int:
    """How many streams the member `own` should give away now: none for a little, or where nobody wants them."""
    member = next((one for one in members if one.id == own), None)
    if member is None:
        return 0
    share = shares[own]
    over = member.held - share
    # To go from 5 and 6 to 6 and 5 would be of no use to anybody.
    wanted = sum(max(0, shares[one.id] - one.held) for one in members if one.held + 1 < member.held)
    if over <= share // SLACK_PART or not wanted:
        return 0
    return min(over, wanted, max(GIVE_LEAST, member.held // GIVE_PART))


class Leases:
    """Of one process. `look` every two seconds; what it raises is trouble with the database."""

    def __init__(  # noqa: PLR0913, PLR0917  # who it is, and how it is timed
        self,
        pool: asyncpg.Pool,
        name: str,
        capacity: int,
        station: str,
        clock: Callable[[], float] = time.monotonic,
        pace: Pace | None = None,
    ) -> None:
        """`station`: the URL of our own station, the one that test streams are really read from."""
        self.id: int | None = None
        self._pool, self._name, self._capacity, self._station, self._clock = pool, name, capacity, station, clock
        self._pace = pace or Pace()
        self._seen = -self._pace.fenced  # when the last beat that arrived was sent
        self._lenient_until = 0.0

    @property
    def may_write(self) -> bool:
        """Whether the leases may be taken to be ours still."""
        return self.id is not None and self._clock() - self._seen < self._pace.fenced

    async def look(self) -> Held:
        """Be seen, take what is ours to take, and say what we have."""
        async with self._pool.acquire() as connection:
            await self._beat(connection)
            assert self.id is not None  # noqa: S101  (it registered)
            rows = await lease_store.members(connection, self._pace.dead, self._station)
            free = await lease_store.free(connection, self._pace.dead, self._station)
            give = 0
            for kind, real in enumerate((True, False)):
                found = [
                    Member(row["id"], row["capacity"] if real else SIMULATED_MOST, row["real" if real else "simulated"])
                    for row in rows
                ]
                give_of_kind = await self._share(connection, found, free[kind], real=real)
                give = give_of_kind if real else give  # the simulated ones cost nothing wherever they are
            held = await lease_store.held(connection, self.id, self._station)
        newest_first = [row["id"] for row in reversed(held) if row["real"]]
        return Held({row["id"]: row["revision"] for row in held}, newest_first[:give])

    async def give(self, streams: Sequence[int]) -> None:
        """Let others have them; what was to be written of them is written."""
        if self.id is not None and streams:
            await lease_store.give(self._pool, self.id, streams)

    async def leave(self) -> None:
        """Hand everything back at once."""
        if self.id is not None:
            await lease_store.leave(self._pool, self.id)
            self.id = None

    async def _beat(self, connection: asyncpg.Connection) -> None:
        sent = self._clock()
        if self.id is not None and sent - self._seen > self._pace.fenced:
            self._lenient_until = sent + LENIENT_SECONDS
        if self.id is None or not await lease_store.beat(connection, self.id):
            self.id = await lease_store.register(connection, self._name, self._capacity)
            _log.info("monitor %d: %s, up to %d streams", self.id, self._name, self._capacity)
        self._seen = sent

    async def _share(self, connection: asyncpg.Connection, found: Sequence[Member], free: int, *, real: bool) -> int:
        """Take free streams up to our share; how many to give away."""
        assert self.id is not None  # noqa: S101  (see look)
        shares = fair_shares(found, free + sum(member.held for member in found))
        own = next((member.held for member in found if member.id == self.id), 0)
        wanted = shares.get(self.id, 0) - own
        if free and wanted > 0:
            dead_after = self._pace.dead if self._clock() >= self._lenient_until else FORGET_SECONDS
            taken = await lease_store.take(connection, self.id, dead_after, self._station, limit=wanted, real=real)
            if taken:
                _log.info("monitor %d: took %d streams", self.id, len(taken))
        return surplus(self.id, found, shares)
