"""The second and the third layer: what a name leads to, and what a socket is really connected to."""

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import TypeAlias

from sonograph.egress.addresses import Network, is_forbidden
from sonograph.egress.urls import Blocked, Url

LOOK_UP_SECONDS = 5.0
CONNECT_SECONDS = 5.0  # for each address of a name
NO_TLS = "it does not speak TLS (https)"
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})  # what answers in plain text
MOST_ADDRESSES = 4  # of a name that are tried
# (host, port) -> addresses; asks the machine's resolver unless told otherwise
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Unreachable(Exception):
    """Nobody answers there just now. The text says in which way."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name by the machine's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def addresses_of(url: Url, allowed: Sequence[Network], ask: Resolve = resolve) -> list[str]:
    """Where a name leads, looked up once. Raises `Blocked` or `Unreachable`.

    One forbidden address among them and all are refused: the next look-up may give that one alone.
    """
    try:
        found = await asyncio.wait_for(ask(url.host, url.port), LOOK_UP_SECONDS)
    except TimeoutError:
        raise Unreachable(f"the address of {url.host} was not found in {LOOK_UP_SECONDS:.0f} s") from None
    except (OSError, UnicodeError):
        raise Unreachable(f"there is no host {url.host}") from None
    if not found:
        raise Unreachable(f"there is no host {url.host}")
    for text in found:
        check_address(text, allowed)
    return list(found)


def check_address(text: str, allowed: Sequence[Network]) -> None:
    """Raises `Blocked` for an address where nobody may be reached. A zone (`%eth0`) does not matter."""
    if is_forbidden(ip_address(text.partition("%")[0]), allowed):
        raise Blocked(f"url: it leads to {text}, which is not an address of the public internet")


async def connect(
    url: Url,
    allowed: Sequence[Network] = (),
    *,
    ask: Resolve = resolve,
    limit: int = 1 << 16,
    context: ssl.SSLContext | None = None,
) -> Streams:
    """A connection to an address that passed, with TLS for https. Never through a proxy of the environment.

    Raises `Blocked`, or `Unreachable` if none of its addresses could be connected to in time.
    """
    fault = "no address"
    for text in (await addresses_of(url, allowed, ask))[:MOST_ADDRESSES]:
        connection: socket.socket | None = None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                connection = await _connected(url, text, allowed)
                return await _opened(url, connection, limit, context)
        except TimeoutError:  # a server that speaks http waits for the end of a line
            within = f"in {CONNECT_SECONDS:.0f} s"
            fault = f"no answer {within}" if connection is None else f"{NO_TLS}, or not {within}"
        except ssl.SSLCertVerificationError as error:
            fault = f"its certificate is not valid: {error.verify_message}"
        except ssl.SSLError as error:
            fault = NO_TLS if error.reason in _NOT_TLS else f"TLS failed: {error.reason or error}"
        except OSError as error:
            fault = os.strerror(error.errno) if error.errno else type(error).__name__
    raise Unreachable(f"{url.host} cannot be reached: {fault}")


async def _connected(url: Url, text: str, allowed: Sequence[Network]) -> socket.socket:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)  # noqa: FBT003  (the interface of sockets)
        await asyncio.get_running_loop().sock_connect(connection, (text, url.port))
        check_address(connection.getpeername()[0], allowed)  # nothing was sent yet
    except BaseException:
        connection.close()
        raise
    return connection


async def _opened(url: Url, connection: socket.socket, limit: int, context: ssl.SSLContext | None) -> Streams:
    try:
        secure = url.scheme == "https"
        return await asyncio.open_connection(
            sock=connection,
            limit=limit,
            ssl=(context or _context()) if secure else None,
            server_hostname=url.host if secure else None,
        )
    except BaseException:
        connection.close()
        raise


_contexts: list[ssl.SSLContext] = []


def _context() -> ssl.SSLContext:
    """One for all: it takes 20 ms and a megabyte to make."""
    if not _contexts:
        _contexts.append(ssl.create_default_context())
    return _contexts[0]
