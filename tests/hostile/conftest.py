"""Hostile requests against the running service, with what each costs it."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.service import Service

# Of the server's CPU for one request, the least of some. Processes that share its cores make the same work take longer:
# the dearest took 50 among five others.
MOST_MS = 75.0
REPETITIONS = 5

# What no answer may show: where we are, what we are made of.
INTERNAL = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|asyncpg|orjson|graphql-core|strawberry|starlette|uvicorn|psycopg|postgres|"
    r"PGSQL|/(?:work|tmp|home|usr)/|\bselect \S+ from\b|\brelation\b|\bcolumn \"|0x[0-9a-f]{6}|NoneType|<class",
    re.IGNORECASE,
)

Send = Callable[[int], httpx.Response]


def says_nothing_internal(answer: httpx.Response) -> bool:
    found = INTERNAL.search(answer.text)
    assert found is None, answer.text[:500]
    return True


def is_refused(answer: httpx.Response) -> bool:
    """A 4xx, or a GraphQL error with a code that is the client's; no data beside what is null."""
    assert answer.status_code < 500, answer.text[:500]
    body = answer.json() if answer.content else {}
    if "errors" in body:
        codes = {error["extensions"]["code"] for error in body["errors"]}
        assert codes <= {"BAD_USER_INPUT", "COST_LIMIT", "UNAUTHENTICATED"}, codes
        return True
    assert 400 <= answer.status_code < 500, answer.text[:500]
    return answer.headers["content-type"].startswith("text/plain") or list(body) == ["error"]


@pytest.fixture(scope="session")
def cheap(service: Service) -> Callable[[Send], list[httpx.Response]]:
    """Sends a request some times over; fails when one costs the server more than it may."""

    def measure(send: Send) -> list[httpx.Response]:
        answers, spent = list[httpx.Response](), list[float]()
        for number in range(REPETITIONS):
            before = service.cpu_ms()
            answers.append(send(number))
            spent.append(service.cpu_ms() - before)
        assert min(spent) < MOST_MS, f"{min(spent):.0f} ms of CPU a request"
        return answers

    return measure


@pytest.fixture(autouse=True)
def answers_afterwards(api: httpx.Client) -> Iterator[None]:
    """Whatever was sent, the next one is served."""
    yield
    assert api.get("/v1/tracks/1").json()["title"] == "One More Time"
