"""Where counters of limits stand that processes share: a Redis or Valkey."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limits.aio.storage import RedisStorage, Storage
from limits.errors import ConfigurationError
from redis.asyncio import ConnectionPool

from sonograph.errors import Misconfigured

SCHEMES = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}  # one protocol, two names
TIMEOUT_SECONDS = 1.0  # an answer takes less than 1 ms; a request does not wait longer for a store that is away
PREFIX = "sonograph"
# The URL is not repeated: there may be a password in it.
NO_URL = "SONOGRAPH_LIMITS_URL: must be memory://, redis://host:port/db or valkey://host:port/db"


@asynccontextmanager
async def open_storage(url: str | None) -> AsyncIterator[Storage | None]:
    """The storage of SONOGRAPH_LIMITS_URL; None where each process counts for itself. Nothing is connected yet.

    A store that does not answer makes each call raise `limits.errors.StorageError`.
    """
    if url is None or url == "memory://":
        yield None
        return
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        raise Misconfigured(NO_URL)
    url = f"{SCHEMES[scheme]}://{rest}"
    try:
        connections = ConnectionPool.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        storage = RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=PREFIX,
            connection_pool=connections,  # type: ignore[arg-type]  # its options are typed as plain values
        )
    except (ValueError, ConfigurationError):
        raise Misconfigured(NO_URL) from None
    try:
        yield storage
    finally:
        await connections.disconnect()
