"""Networks from which a key may be used."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from sonograph.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_NETWORKS = 50
MAX_LENGTH = 50  # characters: the longest IPv6 network has 43
CLIENT_IPV6_BITS = 64  # what one customer of a provider has; a limit by address has to count these as one


def checked(texts: Iterable[str] | None) -> list[Network] | None:
    """Networks of addresses or CIDR blocks; None is everywhere."""
    if texts is None:
        return None
    given = list(texts)
    if not 1 <= len(given) <= MAX_NETWORKS:
        raise Invalid(f"networks: give 1 to {MAX_NETWORKS}", "networks")
    return sorted({_network(text) for text in given}, key=lambda n: (n.version, n))


def _network(text: str) -> Network:
    text = text.strip() if len(text) <= MAX_LENGTH else text
    try:
        return ip_network(text if len(text) <= MAX_LENGTH else "")
    except ValueError as error:
        meant = _meant(text)
        if meant is not None:
            raise Invalid(
                f"networks: {text!r} is an address within a network: {meant} is meant?", "networks"
            ) from error
        raise Invalid(
            f"networks: {text[:MAX_LENGTH]!r} is no address and no network such as 192.0.2.0/24 or 2001:db8::/32",
            "networks",
        ) from error


def _meant(text: str) -> Network | None:
    """The network around an address that was given with a prefix length; None for anything else."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def allows(networks: Iterable[Network], address: Address | None) -> bool:
    """Whether an address is in one of the networks; an unknown address is in none."""
    return address is not None and any(address in network for network in networks)


def parse(text: str) -> Address | None:
    """An address; an IPv4 one that came through an IPv6 socket is taken for what it is. None for anything else."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def client(address: Address | None) -> str:
    """What stands for one client in a limit: the address, of IPv6 its first 64 bits."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, CLIENT_IPV6_BITS), strict=False))
    return str(address or "unknown")
