"""The first layer: what an address may look like. No name is looked up here."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from sonograph.egress.addresses import Network, is_forbidden, literal
from sonograph.errors import Invalid

LONGEST = 2048  # characters
_SPLIT = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)")
# A dot and a last label that begins with a letter: C libraries read 2130706433, 0x7f.1 and 0177.0.0.1 as addresses.
_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Names that lead nowhere on the public network (RFC 6761 and its kin), and those that people give to private ones.
_PRIVATE_NAMES = (
    "localhost", "local", "internal", "lan", "home.arpa", "intranet", "corp", "home", "localdomain", "onion", "test",
    "invalid", "example", "svc",
)  # fmt: skip
_UNPRINTED = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # categories: control, format, separators


class Blocked(Invalid):
    """We connect to nobody at this address, because of its form or of where it leads. The text says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "url")


@dataclass(frozen=True, slots=True)
class Rules:
    """What is accepted: schemes, ports (None: all but other services'), and networks that the operator opened."""

    schemes: tuple[str, ...] = ("https",)
    ports: frozenset[int] | None = frozenset({443, 8443})
    allowed: tuple[Network, ...] = ()


# Radio stations use any port from 1024 on; but those of other services are refused, as a request might be read as words
# of their protocols.
_LOWEST_PORT = 1024
_LOW_PORTS = frozenset({80, 81, 88, 443})
_OTHER_SERVICES = frozenset(
    {1433, 1521, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 6379, 6443, 9200, 9300, 11211, 27017}
)


@dataclass(frozen=True, slots=True)
class Url:
    """An address that passed. `host` is a name in lower case or an address without brackets."""

    text: str
    scheme: str
    host: str
    port: int
    target: str  # path and query, as a request names them

    @property
    def whole(self) -> str:
        """The address again, as it is asked for: in ASCII."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """The value of the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def check_url(text: str, rules: Rules) -> Url:
    """The parts of an address that may be asked for; raises `Blocked` for any other."""
    if len(text) > LONGEST:
        raise Blocked(f"url: longer than {LONGEST} characters")
    if "\\" in text or any(unicodedata.category(letter) in _UNPRINTED for letter in text):
        raise Blocked("url: has blanks, backslashes or control characters")
    if "#" in text:
        raise Blocked("url: has a fragment (#…), which is for browsers")
    match = _SPLIT.match(text)
    if match is None or match[1].lower() not in rules.schemes:
        raise Blocked(f"url: must begin with {' or '.join(f'{scheme}://' for scheme in rules.schemes)}")
    authority = match[2]
    if "@" in authority:
        raise Blocked("url: a user name or password cannot stand in it")
    if "%" in authority:
        raise Blocked("url: the host has a percent sign")
    if not authority.isascii():
        raise Blocked("url: write the host in its ASCII form (xn--…)")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Blocked("url: the host or the port cannot be read") from None
    scheme = match[1].lower()
    if port is None:
        port = _DEFAULT_PORTS[scheme]
    _check_port(port, rules)
    host = _checked_host(host, rules)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    return Url(text, scheme, host, port, _ascii(target))


def _check_port(port: int, rules: Rules) -> None:
    if rules.ports is not None:
        if port not in rules.ports:
            raise Blocked(f"url: the port must be {' or '.join(map(str, sorted(rules.ports)))}")
    elif port in _OTHER_SERVICES or (port < _LOWEST_PORT and port not in _LOW_PORTS):
        raise Blocked(f"url: port {port} is not one of the web or of radio stations")


def _checked_host(host: str, rules: Rules) -> str:
    bare = host.removesuffix(".")
    address = literal(bare)
    if address is not None:
        if is_forbidden(address, rules.allowed):
            raise Blocked(f"url: {bare} is not an address of the public internet")
        return str(address)
    if not _NAME.fullmatch(bare):
        raise Blocked("url: the host is no name of the public internet")
    # Where the operator opened networks, private names may lead there: the addresses decide.
    if not rules.allowed and any(bare == name or bare.endswith(f".{name}") for name in _PRIVATE_NAMES):
        raise Blocked(f"url: {bare} is a name of private networks")
    return bare


def _ascii(target: str) -> str:
    """As a request carries it: what is not ASCII percent-encoded, all else untouched."""
    return "".join(
        letter if letter.isascii() else "".join(f"%{b:02X}" for b in letter.encode("utf-8", "replace"))
        for letter in target
    )
