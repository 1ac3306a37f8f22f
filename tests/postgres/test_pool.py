"""The pool of read connections ends in order, whatever its server does."""

import os
import signal

import pytest

from sonograph.postgres.pool import Pool


async def test_a_backend_that_hangs_does_not_keep_the_others_open(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = await Pool(database_url, "public", size=2, statement_timeout_ms=5000).open()
    first = await pool._acquire()
    second = await pool._acquire()
    pids = [held.link.get_server_pid() for held in (first, second)]
    pool._release(first)
    pool._release(second)  # the last one released is the first one closed
    os.kill(pids[1], signal.SIGSTOP)
    monkeypatch.setattr("sonograph.postgres.pool.CONNECT_SECONDS", 0.2)
    try:
        await pool.close()
    finally:
        os.kill(pids[1], signal.SIGCONT)
    assert first.link.is_closed()
    assert second.link.is_closed()
