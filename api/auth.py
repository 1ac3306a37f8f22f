"""From a request's key to who is asking."""

from collections import OrderedDict
from time import monotonic

from sonograph.accounts.keys import hash_of, is_well_formed
from sonograph.accounts.principal import Principal
from sonograph.accounts.store import principal_of
from sonograph.errors import EmailNotVerified, Unauthenticated
from sonograph.postgres.pool import Pool

REMEMBERED_SECONDS = 5.0  # a revoked key is refused everywhere within this time
MAX_REMEMBERED = 10_000  # keys: about 300 bytes each
MESSAGE, NOT_VERIFIED = "Missing or invalid API key", "Email not verified"  # the contract's words
BEARER = "bearer "

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


class Authenticator:
    """Looks keys up by their hash, and remembers the answer for a few seconds: hot reads cost no second statement.

    Unknown keys are not remembered: a checksum keeps typing errors away from the database.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    async def principal(self, headers: Headers) -> Principal:
        """Who is asking; raises `Unauthenticated` or `EmailNotVerified`."""
        key = key_in(headers)
        if key is None or not is_well_formed(key):
            raise Unauthenticated(MESSAGE)
        digest = hash_of(key)
        remembered = self._known.get(digest)
        if remembered is not None and remembered[0] > monotonic():
            return remembered[1]
        principal = await principal_of(self._pool, digest)
        if principal is None:
            self._known.pop(digest, None)
            raise Unauthenticated(MESSAGE)
        if not principal.email_verified:
            raise EmailNotVerified(NOT_VERIFIED)
        self._known[digest] = monotonic() + REMEMBERED_SECONDS, principal
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        return principal
