"""Whether what was killed works again: a part is killed anew only then, or nothing would ever come up."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg
import httpx

LIVING_SECONDS = 4.0  # since a monitor was seen: it is every two seconds
_SEEN = """
select count(*) from accounts.monitor
where seen_at > clock_timestamp() - make_interval(secs => $1) and ($2::text is null or name like $2)
"""
Ready = Callable[[], Awaitable[bool]]


async def living(dsn: str, pid: int | None = None) -> int:
    """How many monitors are seen, or whether the one of this process is; 0 while the database is away."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return int(await connection.fetchval(_SEEN, LIVING_SECONDS, None if pid is None else f"%:{pid}"))
        finally:
            await connection.close(timeout=5)
    return 0


async def serves(url: str) -> bool:
    """Whether the API takes requests."""
    async with httpx.AsyncClient(timeout=5) as client:
        with suppress(httpx.HTTPError):
            return (await client.get(f"{url}/health/ready")).status_code == httpx.codes.OK
    return False
