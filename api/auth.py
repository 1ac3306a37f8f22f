"""From a request's key to who is asking, and whether the key may be used for this, from there."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import asyncpg
from starlette.types import Scope

from sonograph import clock
from sonograph.accounts import networks, scopes
from sonograph.accounts.change_feed import listening
from sonograph.accounts.key_lookup import principal_of
from sonograph.accounts.keys import hash_of, is_well_formed
from sonograph.accounts.last_use import LastUse
from sonograph.accounts.plans import PlanTable
from sonograph.accounts.principal import Principal
from sonograph.errors import EmailNotVerified, Forbidden, Unauthenticated

REMEMBERED_SECONDS = (
    5.0  # a revoked key is refused everywhere within this time, also where no notification gets through
)
MAX_REMEMBERED = 10_000  # keys: about 300 bytes each
MESSAGE, NOT_VERIFIED = "Missing or invalid API key", "Email not verified"  # the contract's words
BEARER = "bearer "
REST = "/v1/"
# Which scope a path of /v1 needs; `read` is all that is not here.
FIRST_SEGMENTS = {"suggestions": "suggestions", "streams": "streams", "webhooks": "webhooks"}
LAST_SEGMENTS = {"identify": "identify", "suggestions": "suggestions"}

Headers = list[tuple[bytes, bytes]]


def key_in(headers: Headers) -> str | None:
    """The key of a request: `x-api-key`, or `Authorization: Bearer`."""
    bearer = None
    for name, value in headers:
        if name == b"x-api-key":
            return value.decode("latin-1").strip()
        if name == b"authorization":
            text = value.decode("latin-1")
            if text[: len(BEARER)].lower() == BEARER:
                bearer = text[len(BEARER) :].strip()
    return bearer


def scope_of_path(path: str) -> str:
    """The scope that a key needs for a path of /v1."""
    segments = path.removeprefix(REST).rstrip("/").split("/")
    found = FIRST_SEGMENTS.get(segments[0])
    if found is None and segments[0] == "tracks":
        found = LAST_SEGMENTS.get(segments[-1])
    return found or scopes.READ


class Authenticator:
    """Looks keys up by their hash, and remembers the answer for a few seconds: hot reads cost no second statement.

    Unknown keys are not remembered: a checksum keeps typing errors away from the database.
    """

    def __init__(self, pool: asyncpg.Pool, plans: PlanTable) -> None:
        """`pool` is `Engine.accounts`, `plans` is `Engine.plans`."""
        self._pool, self._plans = pool, plans
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()
        self._forgotten = 0
        self._last_use = LastUse(pool)

    @asynccontextmanager
    async def open(self, dsn: str) -> AsyncIterator["Authenticator"]:
        """Hear of changes while it is open, and write when keys were used."""
        async with listening(dsn, self.forget), self._last_use.open():
            yield self

    async def principal(self, scope: Scope) -> Principal:
        """Who is asking; raises `Unauthenticated`. Whether they may is `permit`, once the request has been counted."""
        return await self.principal_of_key(key_in(scope["headers"]))

    async def principal_of_key(self, key: str | None) -> Principal:
        """Who is asking, by a key that came in another way than by a header."""
        if key is None or not is_well_formed(key):
            raise Unauthenticated(MESSAGE)
        digest = hash_of(key)
        remembered = self._known.get(digest)
        if remembered is not None and remembered[0] > monotonic():
            return remembered[1]
        return await self._look_up(digest)

    def forget(self, account_id: int | None) -> None:
        """Ask again about the keys of an account, or about all."""
        self._forgotten += 1
        if account_id is None:
            self._known.clear()
            return
        for digest in [d for d, (_, principal) in self._known.items() if principal.account_id == account_id]:
            del self._known[digest]

    async def _look_up(self, digest: bytes) -> Principal:
        forgotten = self._forgotten
        principal = await principal_of(self._pool, digest, self._plans)
        if principal is None:
            self._known.pop(digest, None)
            raise Unauthenticated(MESSAGE)
        if principal.email_verified:
            self._last_use.note(principal.key_id)
        if forgotten == self._forgotten:  # else this answer may be from before a change that we have heard of
            life = REMEMBERED_SECONDS
            if principal.expires_at is not None:
                life = min(life, (principal.expires_at - clock.now()).total_seconds())
            self._known[digest] = monotonic() + life, principal
            if len(self._known) > MAX_REMEMBERED:
                self._known.popitem(last=False)
        return principal


def permit(principal: Principal, scope: Scope) -> None:
    """Whether who is asking may, from there; raises `EmailNotVerified`, or `Forbidden` for what the key leaves out.

    What GraphQL operations need is checked where they are known (schema/scopes.py, resolvers).
    """
    if not principal.email_verified:
        raise EmailNotVerified(NOT_VERIFIED)
    if principal.networks is not None:
        check_network(principal, scope)
    if principal.scopes is not None and scope["path"].startswith(REST):
        scopes.require(principal.scopes, scope_of_path(scope["path"]))


def check_network(principal: Principal, scope: Scope) -> None:
    """403, not 401: whoever set the networks has to find out why the key fails, and a thief learns nothing of use."""
    client = scope.get("client")
    address = networks.parse(client[0]) if client else None
    if principal.networks is not None and not networks.allows(principal.networks, address):
        raise Forbidden(f"This key may not be used from {address or 'an unknown address'}")
