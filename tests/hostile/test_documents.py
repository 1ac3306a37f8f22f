"""Documents made to hurt are refused with a code, in little CPU, and say nothing of the inside."""

from collections.abc import Callable

import httpx
import pytest

from tests.hostile.conftest import Send, is_refused, says_nothing_internal
from tests.hostile.documents import ANSWERED, REFUSED
from tests.service import Service

Cheap = Callable[[Send], list[httpx.Response]]


def _sender(api: httpx.Client, document: str) -> Send:
    """Each time another text, so that no plan is remembered."""
    return lambda number: api.post("/graphql", json={"query": f"{document}\n# {number} {id(document)}"})


@pytest.mark.parametrize("name", REFUSED)
def test_refused(api: httpx.Client, cheap: Cheap, name: str) -> None:
    for answer in cheap(_sender(api, REFUSED[name])):
        assert is_refused(answer)
        assert says_nothing_internal(answer)


@pytest.mark.parametrize("name", ANSWERED)
def test_answered(api: httpx.Client, cheap: Cheap, name: str) -> None:
    for answer in cheap(_sender(api, ANSWERED[name])):
        assert answer.status_code == 200
        assert "errors" not in answer.json()


def test_a_flood_of_documents_takes_no_memory(api: httpx.Client, service: Service) -> None:
    """A parsed document of 14 KB takes 1 MB: 100 wrong ones would be 100, were they kept."""
    document = "{" + " ".join(f"titel{number}" for number in range(1_450)) + "}"
    before = service.memory_mb()
    for number in range(100):
        assert api.post("/graphql", json={"query": f"{document}\n#flood {number}"}).status_code == 200
    assert service.memory_mb() - before < 50
