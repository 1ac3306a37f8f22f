"""The address guard: nothing that a caller writes, and no name, reaches ports of this machine."""

import asyncio
import random
from contextlib import suppress
from ipaddress import ip_address, ip_network

import pytest

from sonograph.egress.addresses import is_forbidden, parse_networks
from sonograph.egress.connection import Unreachable, connect
from sonograph.egress.urls import Blocked, Rules, check_url
from sonograph.errors import Misconfigured
from tests.egress.canary import CORPUS, Canary, resolver

ANYTHING = Rules(schemes=("http", "https"), ports=None)


@pytest.mark.parametrize("template", CORPUS["urls_refuse"])
async def test_no_address_of_the_corpus_reaches_this_machine(canary: Canary, template: str) -> None:
    text, ask = template.replace("{P}", str(canary.port)), resolver()
    refusals = 0
    for _ in range(3):  # a name may lead elsewhere each time
        try:
            url = check_url(text, ANYTHING)
            _, writer = await asyncio.wait_for(connect(url, ask=ask), 0.3)
            writer.close()
        except Blocked:
            refusals += 1
        except (Unreachable, TimeoutError):
            pass  # the public address, which is not to be had here
    assert refusals >= (2 if "rebind" in text else 3)
    assert not canary.visits


@pytest.mark.parametrize("text", CORPUS["urls_accept"])
def test_public_addresses_pass(text: str) -> None:
    assert check_url(text, Rules()).scheme == "https"


def test_parts() -> None:
    url = check_url("HTTP://Radio.Example.COM.:8000/a?q=ä&c=%41", ANYTHING)
    assert (url.scheme, url.host, url.port, url.authority) == (
        "http",
        "radio.example.com",
        8000,
        "radio.example.com:8000",
    )
    assert url.target == "/a?q=%C3%A4&c=%41"
    assert check_url("https://[2606:4700:4700::1111]:8443/x", Rules()).authority == "[2606:4700:4700::1111]:8443"
    assert check_url("https://1.1.1.1", Rules()).target == "/"


@pytest.mark.parametrize("text", CORPUS["ips_refuse"])
def test_addresses_that_are_refused(text: str) -> None:
    assert is_forbidden(ip_address(text))


@pytest.mark.parametrize("text", CORPUS["ips_accept"])
def test_addresses_that_are_not(text: str) -> None:
    assert not is_forbidden(ip_address(text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://example.com:22/", "port must be 443 or 8443"),
        ("ftp://example.com/", "must begin with https://"),
        ("https://example.com/#x", "fragment"),
        ("https://exämple.com/", "xn--"),
        ("https://a@example.com/", "user name"),
        ("https://example/", "no name of the public internet"),
        ("https://printer.lan/", "private networks"),
        ("https://" + "a" * 2100, "longer than 2048"),
        ("https://example.com:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
    ],
)
def test_refusals_say_why(text: str, why: str) -> None:
    with pytest.raises(Blocked, match=why):
        check_url(text, Rules())


def test_other_services_are_no_stations() -> None:
    for port in (22, 25, 443 - 1, 3306, 5432, 6379):
        with pytest.raises(Blocked, match=f"port {port}"):
            check_url(f"http://example.com:{port}/", ANYTHING)
    for port in (80, 81, 443, 8000, 8443, 9000, 65535):
        assert check_url(f"http://example.com:{port}/", ANYTHING).port == port


async def test_an_operator_opens_named_networks_and_no_others(canary: Canary) -> None:
    opened = parse_networks(" 127.0.0.0/8, 10.1.2.3 ", "SONOGRAPH_ALLOW_PRIVATE_ADDRESSES")
    rules = Rules(schemes=("http",), ports=None, allowed=opened)
    _, writer = await connect(check_url(f"http://127.0.0.1:{canary.port}/", rules), opened)
    writer.close()
    _, writer = await connect(check_url(f"http://station.lan:{canary.port}/", rules), opened, ask=resolver())
    writer.close()
    await asyncio.sleep(0.05)
    assert canary.visits == 2
    with pytest.raises(Blocked):
        check_url(f"http://[::1]:{canary.port}/", rules)
    with pytest.raises(Blocked):
        check_url("http://10.1.2.4/", rules)
    with pytest.raises(Misconfigured, match=r"SONOGRAPH_ALLOW_PRIVATE_ADDRESSES: '10\.1\.2\.3/8'"):
        parse_networks("10.1.2.3/8", "SONOGRAPH_ALLOW_PRIVATE_ADDRESSES")


async def test_mapped_addresses_of_an_opened_network_and_of_none() -> None:
    opened = (ip_network("10.0.0.0/8"),)
    assert not is_forbidden(ip_address("::ffff:10.1.1.1"), opened)
    assert is_forbidden(ip_address("::ffff:127.0.0.1"), opened)


async def test_what_is_drawn_by_chance_reaches_nothing(canary: Canary) -> None:
    """Hosts made of the pieces that parsers disagree about; where one passes the first layer, we try to connect."""
    dice = random.Random(7)
    pieces = [
        "127.0.0.1",
        "0x7f",
        "0177",
        "1",
        "::1",
        "[",
        "]",
        "%31",
        "@",
        ":",
        ".",
        "localhost",
        "。",
        "#",
        "/",
        "\\",
        "example.com",
        "xn--",
        "0",
        "::ffff:",
        "7f00:1",
        "?",
        "a",
        "-",
        "_",
        "%00",
        "2130706433",
        "64:ff9b::",
    ]
    tried = 0
    for _ in range(5000):
        text = f"http://{''.join(dice.choices(pieces, k=dice.randint(1, 6)))}:{canary.port}/"
        with suppress(Blocked, Unreachable, TimeoutError):
            url = check_url(text, ANYTHING)
            tried += 1
            _, writer = await asyncio.wait_for(connect(url, ask=resolver()), 0.2)
            writer.close()
    assert tried > 20
    assert not canary.visits


async def test_proxies_of_the_environment_are_not_used(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with pytest.raises(Blocked):
        await connect(check_url("http://private.attacker-domain.com/", ANYTHING), ask=resolver())
    assert not canary.visits
