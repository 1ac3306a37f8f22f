"""What a key may do to keys: make, rotate, rename and revoke those alone that may do no more than it may itself.

Without this, a key of the scope `account` would be as good as any: it could make itself an unlimited one. People with a
session, and operators, are not bound.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from sonograph.accounts import networks
from sonograph.accounts.networks import Network
from sonograph.errors import Invalid

BEYOND = "id: this key may do more than the key that asks"


class Rights(Protocol):
    """What a key may do; None is no limit."""

    @property
    def test(self) -> bool: ...
    @property
    def scopes(self) -> tuple[str, ...] | None: ...
    @property
    def networks(self) -> tuple[str, ...] | None: ...
    @property
    def expires_at(self) -> datetime | None: ...


def excess(
    acting: Rights,
    *,
    test: bool,
    scopes: Iterable[str] | None,
    networks: Iterable[Network] | None,
    expires_at: datetime | None,
) -> str | None:
    """The first member in which such a key would pass the acting one; None where it does not."""
    if acting.test and not test:
        return "test"
    if acting.scopes is not None and (scopes is None or not set(scopes) <= set(acting.scopes)):
        return "scopes"
    if acting.networks is not None and (networks is None or not _inside(networks, acting.networks)):
        return "networks"
    if acting.expires_at is not None and (expires_at is None or expires_at > acting.expires_at):
        return "expires_at"
    return None


def bounded(acting: Rights, wanted: dict[str, Any], *, test: bool) -> dict[str, Any]:
    """Members of a new key, checked: what is None becomes the acting key's own; raises `Invalid` for more than that."""
    own = {
        "scopes": None if acting.scopes is None else list(acting.scopes),
        "networks": networks.checked(acting.networks),
        "expires_at": acting.expires_at,
    }
    found = wanted | {name: value for name, value in own.items() if wanted[name] is None}
    limits = {name: found[name] for name in own}
    beyond = excess(acting, test=test, **limits)
    if beyond is not None:
        raise Invalid(f"{beyond}: {_BOUNDS[beyond]}", beyond)
    return found


def check_reach(acting: Rights, key: Rights) -> None:
    """Whether the acting key may touch a key; raises `Invalid`."""
    if excess(
        acting,
        test=key.test,
        scopes=key.scopes,
        networks=networks.checked(key.networks),
        expires_at=key.expires_at,
    ):
        raise Invalid(BEYOND, "id")


_BOUNDS = {
    "test": "a test key makes test keys alone",
    "scopes": "at most those of the key that asks",
    "networks": "each must be inside one of those of the key that asks",
    "expires_at": "not later than the key that asks",
}


def _inside(given: Iterable[Network], allowed: Iterable[str]) -> bool:
    outer = networks.checked(allowed) or []
    return all(any(_covers(network, each) for network in outer) for each in given)


def _covers(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and inner.network_address in outer
