"""Addresses that nobody may make us connect to: of this machine, of the networks around it, and of nothing."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from sonograph.errors import Misconfigured

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

# IANA's registries of special-purpose addresses. `is_global` of Python 3.11 takes 26 of 60 such addresses for public.
_FORBIDDEN_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_PUBLIC_V6 = IPv6Network("2000::/3")  # all that is given to anybody
_FORBIDDEN_V6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address in the last 32 bits


def is_forbidden(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether nobody may be reached there, unless the operator opened the network."""
    inner = _inner(address)
    if any(address.version == network.version and address in network for network in allowed):
        return False
    if inner is not None:
        return is_forbidden(inner, allowed)
    if isinstance(address, IPv4Address):
        return any(address in network for network in _FORBIDDEN_V4)
    return address not in _PUBLIC_V6 or any(address in network for network in _FORBIDDEN_V6)


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def parse_networks(text: str, name: str) -> tuple[Network, ...]:
    """The networks of a setting, with commas between; `Misconfigured` names the setting."""
    networks = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ip_network(part))
        except ValueError:
            raise Misconfigured(f"{name}: {part!r} is no address and no network such as 192.168.0.0/16") from None
    return tuple(networks)


def literal(host: str) -> Address | None:
    """The address that a host is in the usual notation; None for names, and for what only C libraries read as one."""
    try:
        return ip_address(host)
    except ValueError:
        return None
