"""The canary of a test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.egress.canary import Canary


@pytest_asyncio.fixture
async def canary() -> AsyncIterator[Canary]:
    bird = Canary()
    await bird.start()
    try:
        yield bird
    finally:
        await bird.stop()
