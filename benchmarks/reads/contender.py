"""What is compared: ways to answer the same three reads with the same JSON."""

from typing import Protocol, Self

# A connection each of its own, found in pg_stat_activity by `APPLICATION.format(name)`.
APPLICATION = "benchmark {}"


class Contender(Protocol):
    """One way to read. `sent` counts statements."""

    name: str

    @property
    def sent(self) -> int: ...

    async def open(self, dsn: str, size: int) -> Self:
        """Connect, with at most `size` connections."""
        ...

    async def close(self) -> None: ...

    async def track(self, isrc: str) -> bytes:
        """`{"data": {"track": …}}`."""
        ...

    async def tracks(self, genre_id: int, first: int) -> bytes:
        """`{"data": {"browseTracks": {"nodes": […], "nextCursor": …}}}`, newest first."""
        ...
