"""One Node for all tests: it takes 50 ms to start."""

from collections.abc import Iterator

import pytest

from tests.webhooks.node import Node, node


@pytest.fixture(scope="session")
def ask_node() -> Iterator[Node]:
    with node() as ask:
        yield ask
