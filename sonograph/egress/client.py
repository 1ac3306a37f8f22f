"""POST requests to addresses that strangers chose.

All three layers of the guard, at each attempt: the form of the URL, the addresses that its name leads to, and the one
that a socket is connected to. No redirects, no proxies of the environment, no cookies; time, bytes and headers of an
answer are bounded. Connections are kept alive.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from sonograph.egress.addresses import Network, is_forbidden
from sonograph.egress.connection import Resolve, resolve
from sonograph.egress.faults import CONNECT_SECONDS, Failed, Forbidden, fault_of
from sonograph.egress.urls import Blocked, Rules, check_url

MAX_BODY = 16 * 1024  # bytes of an answer that are kept; what comes behind is not waited for
MAX_LINE, MAX_HEADERS = 8190, 100  # bytes of a header, and how many
MAX_CONNECTIONS, MAX_CONNECTIONS_A_HOST = 1_000, 100
KEEP_ALIVE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` has at most MAX_BODY bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool  # whether there was more of the body
    seconds: float


class Client:
    """One a process; it is closed at its end. `allowed`: networks that the operator opened."""

    def __init__(self, allowed: Sequence[Network] = (), *, rules: Rules | None = None, ask: Resolve = resolve) -> None:
        self._allowed = tuple(allowed)
        self._rules = rules or rules_for(self._allowed)
        self._ask = ask
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=_Guarded(self._ask, self._allowed),
            socket_factory=self._socket,
            use_dns_cache=False,
            limit=MAX_CONNECTIONS,
            limit_per_host=MAX_CONNECTIONS_A_HOST,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            ssl=ssl.create_default_context(),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
            max_headers=MAX_HEADERS,
            read_bufsize=MAX_BODY,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
        """Send a body, and read the answer, all within so many seconds. Raises `Blocked` and `Failed`."""
        if self._session is None:
            raise RuntimeError("the client is not open")
        checked = check_url(url, self._rules)
        began = perf_counter()
        try:
            async with asyncio.timeout(seconds):
                return await self._posted(self._session, checked.whole, body, headers, began)
        except TimeoutError:
            fault: Failed | Blocked = Failed(f"no answer within {seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            fault = fault_of(error, checked.host)
        if isinstance(fault, Failed):
            fault.seconds = perf_counter() - began
        raise fault

    @staticmethod
    async def _posted(
        session: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], began: float
    ) -> Answer:
        timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS)
        async with session.post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False, timeout=timeout
        ) as response:
            kept = b""
            while len(kept) <= MAX_BODY and (piece := await response.content.read(MAX_BODY + 1 - len(kept))):
                kept += piece
            if len(kept) > MAX_BODY:
                response.close()  # the connection with it: the rest would have to be read for the next request
            told = tuple((name, value) for name, value in response.headers.items())
            return Answer(response.status, told, kept[:MAX_BODY], len(kept) > MAX_BODY, perf_counter() - began)

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """The last layer: what is really connected to, however it was found."""
        family, kind, protocol, _, target = address
        if family not in (socket.AF_INET, socket.AF_INET6) or _is_forbidden(target[0], self._allowed):
            raise Forbidden(f"it leads to {target[0]}")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)  # noqa: FBT003  (the interface of sockets)
        return made


def rules_for(allowed: Sequence[Network]) -> Rules:
    """Webhooks go to https on its usual ports; plain http and any port only where the operator opened networks."""
    if not allowed:
        return Rules()
    return Rules(schemes=("https", "http"), ports=None, allowed=tuple(allowed))


class _Guarded(AbstractResolver):
    """The second layer: one forbidden address among those of a name, and none is tried."""

    def __init__(self, ask: Resolve, allowed: Sequence[Network]) -> None:
        self._ask, self._allowed = ask, allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._ask(host, port)
        for text in found:
            if _is_forbidden(text, self._allowed):
                raise Forbidden(f"it leads to {text}")
        return [
            ResolveResult(
                hostname=host,
                host=text,
                port=port,
                family=socket.AF_INET6 if ":" in text else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for text in found
            if family in (socket.AF_UNSPEC, socket.AF_INET6 if ":" in text else socket.AF_INET)
        ]

    async def close(self) -> None:
        """Nothing is kept."""


def _is_forbidden(text: str, allowed: Sequence[Network]) -> bool:
    return is_forbidden(ip_address(text.partition("%")[0]), allowed)
