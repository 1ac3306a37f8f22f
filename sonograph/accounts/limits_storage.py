"""Where counters of limits stand: in this process, or in a Redis or Valkey that processes share."""

from limits.aio.storage import MemoryStorage, RedisStorage, Storage

from sonograph.errors import Misconfigured

SCHEMES = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}  # one protocol, two names
TIMEOUT_SECONDS = 1.0  # an answer takes less than 1 ms; a request does not wait longer for a store that is away
PREFIX = "sonograph"


def open_storage(url: str | None) -> Storage:
    """The storage of SONOGRAPH_LIMITS_URL; unset or memory:// is this process. Nothing is connected yet.

    A store that does not answer makes each call raise `limits.errors.StorageError`.
    """
    if url is None or url == "memory://":
        return MemoryStorage()
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        raise Misconfigured("SONOGRAPH_LIMITS_URL: must be memory://, redis://host:port/db or valkey://host:port/db")
    try:
        return RedisStorage(
            f"async+{SCHEMES[scheme]}://{rest}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=PREFIX,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
    except ValueError as error:
        raise Misconfigured(f"SONOGRAPH_LIMITS_URL: {error}") from error
