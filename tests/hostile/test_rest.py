"""Paths and queries of /v1 made to hurt."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable

import httpx
import pytest

from tests.hostile.conftest import Send, says_nothing_internal

Cheap = Callable[[Send], list[httpx.Response]]
SEARCH = "/v1/tracks/search?artist="


def _cursor(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


REFUSED = {
    "10,000 parameters": SEARCH + "a&title=b&" + "&".join(["a=1"] * 10_000),
    "60 KB of words": SEARCH + "love+" * 12_000 + "&title=b",
    "a path of 30 KB": "/v1/tracks/isrc/" + "A" * 30_000,
    "30,000 slashes": "/v1/" + "/" * 30_000,
    "10,000 segments": "/v1/" + "a/" * 10_000,
    "a number of 30,000 digits": "/v1/tracks/" + "9" * 30_000,
    "a size of 30,000 digits": "/v1/releases/new?limit=" + "9" * 30_000,
    "a cursor of 30 KB": "/v1/releases/new?cursor=" + "A" * 30_000,
    "a cursor of brackets": "/v1/releases/new?cursor=" + urlsafe_b64encode(b"[" * 2_900).decode(),
    "a cursor of digits": "/v1/releases/new?cursor=" + _cursor(["2001-01-01", "9" * 2_800, "1"]),
    "a cursor of SQL": "/v1/releases/new?cursor=" + _cursor(["2001-01-01", "1); select 1; --", "1"]),
    "a cursor of NULs": "/v1/releases/new?cursor=" + _cursor(["\0", "\0", "\0"]),
    "NUL in a name": SEARCH + "%00&title=b",
    "dots": "/v1/../../etc/passwd",
    "dots, encoded": "/v1/%2e%2e/%2e%2e/etc/passwd",
    "SQL in a number": "/v1/tracks/1%20or%201=1",
}
ANSWERED = {
    "99 parameters": SEARCH + "a&title=b&" + "&".join(["a=1"] * 97),
    "5,000 characters of love": SEARCH + "love+" * 999 + "&title=" + "a+" * 2_400,
    "guests without end": SEARCH + "(feat. " * 600 + "&title=" + "%F0%9F%98%80" * 1_000,
    "open brackets": SEARCH + "(" * 4_900 + "&title=" + "[" * 4_900,
    "commas": SEARCH + "a," * 2_490 + "&title=" + "-a " * 1_600,
    "joining words": SEARCH + "a%20%26%20" * 1_200 + "&title=" + "a%20/%20" * 1_200,
    "accents without letters": "/v1/artists/search?name=" + "%CC%81" * 4_900,
    "one letter that folds to eighteen": "/v1/artists/search?name=" + "%EF%B7%BA" * 4_900,
    "4,900 Chinese letters": "/v1/artists/search?name=" + "%E9%BE%8D" * 4_900,
    "4,900 joiners": "/v1/releases/search?title=" + "%E2%80%8D" * 4_900,
    "SQL in a name": "/v1/artists/search?name=%27%3B%20drop%20table%20track%3B%20--",
    "patterns in a name": "/v1/releases/search?title=%25%25%25%5F%5F%5C",
    "text search operators": SEARCH + "a%20%26%20!b%20%7C%20(c%20%3C-%3E%20d):*&title=%26%7C!:*()",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(api: httpx.Client, cheap: Cheap, name: str) -> None:
    for answer in cheap(lambda _: api.get(REFUSED[name])):
        assert answer.status_code in {400, 404}
        assert list(answer.json()) == ["error"]
        assert len(answer.content) < 500
        assert says_nothing_internal(answer)


@pytest.mark.parametrize("name", ANSWERED)
def test_answered(api: httpx.Client, cheap: Cheap, name: str) -> None:
    for answer in cheap(lambda _: api.get(ANSWERED[name])):
        assert answer.status_code == 200
        assert isinstance(answer.json()["results"], list)
