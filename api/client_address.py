"""Who is behind the proxies in front of us."""

from ipaddress import ip_network

from starlette.types import Scope

from sonograph.accounts import networks
from sonograph.accounts.networks import Network
from sonograph.errors import Misconfigured

MAX_HOPS = 20


class Proxies:
    """The reverse proxies whose X-Forwarded-For is believed: SONOGRAPH_TRUSTED_PROXIES."""

    def __init__(self, setting: str) -> None:
        try:
            self.trusted: tuple[Network, ...] = tuple(ip_network(p.strip()) for p in setting.split(",") if p.strip())
        except ValueError as error:
            raise Misconfigured(f"SONOGRAPH_TRUSTED_PROXIES: {error}") from error

    def reveal(self, scope: Scope) -> None:
        """Make scope["client"] the client: each trusted proxy appended who asked it, so the last that is none of them.

        What stands before that was written by whoever it is, and is not looked at. A hop that is no address ends the
        search: then the client is the proxy that passed it on.
        """
        client = scope.get("client")
        address = networks.parse(client[0]) if client else None
        if address is None or not networks.allows(self.trusted, address):
            return
        given = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        for hop in reversed(given.decode("latin-1").split(",")[-MAX_HOPS:]):
            found = networks.parse(hop)
            if found is None:
                break
            address = found
            if not networks.allows(self.trusted, found):
                break
        scope["client"] = (str(address), 0)
