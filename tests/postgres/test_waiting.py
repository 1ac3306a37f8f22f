"""A database that is away while we start is waited for; what does not pass by itself is said at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from sonograph.engine import open_engine
from sonograph.errors import Misconfigured, Unavailable
from sonograph.postgres.waiting import entered
from sonograph.settings import Settings

NOWHERE = "postgresql://127.0.0.1:1/nowhere"


def left() -> bool:
    return False


async def test_a_database_that_comes_up_late_is_waited_for(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    urls = [NOWHERE, database_url]
    async with entered(lambda: asyncpg.create_pool(urls.pop(0), min_size=1, max_size=1), 60, left) as pool:
        assert await pool.fetchval("select 1") == 1
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("The database cannot be reached: ")
    assert "SONOGRAPH_DATABASE_WAIT" in first
    assert second == "the database answers"


async def test_a_start_that_is_given_up_says_why_in_a_sentence() -> None:
    for seconds, leaving in ((0, False), (60, True)):
        with pytest.raises(Unavailable, match="The database cannot be reached"):
            async with entered(lambda: asyncpg.create_pool(NOWHERE), seconds, lambda gone=leaving: gone):  # type: ignore[misc]  # no defaults in a lambda's type
                pass


async def test_what_does_not_pass_by_itself_is_said_at_once(server_url: str, tmp_path: Path) -> None:
    url = urlunsplit(urlsplit(server_url)._replace(path="/there_is_no_such_database"))
    with pytest.raises(Misconfigured, match="there_is_no_such_database"):
        async with entered(lambda: open_engine(Settings(database_url=url)), 60, left):
            pass

    @asynccontextmanager
    async def opened() -> AsyncIterator[str]:
        yield (tmp_path / "nothing").read_text()

    with pytest.raises(FileNotFoundError):
        async with entered(opened, 60, left):
            pass
