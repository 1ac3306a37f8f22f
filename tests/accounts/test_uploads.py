"""Files in three steps: whose they are, how long they stay, and what is swept."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from sonograph import clock
from sonograph.errors import Conflict, Invalid, LimitReached, Misconfigured, NotFound
from sonograph.recognition.uploads.faults import Aborted, TooLarge
from sonograph.recognition.uploads.uploads import MOST_OPEN, Uploads
from tests.accounts.conftest import NewAccount


class Later:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.by


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
async def uploads(pool: asyncpg.Pool, tmp_path: Path, later: Later) -> AsyncIterator[Uploads]:
    async with Uploads(pool, tmp_path, now=later) as opened:
        yield opened


async def body(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


async def test_a_file_can_be_read_as_often_as_wanted_until_it_expires(
    uploads: Uploads, new_account: NewAccount, later: Later, tmp_path: Path
) -> None:
    me = await new_account()
    created = await uploads.create(me, test=False, size=11)
    assert created.upload.size is None
    later.by = timedelta(minutes=14)
    assert (await uploads.receive(created.secret, body(b"hello ", b"world"))).size == 11
    later.by = timedelta(minutes=28)
    for _ in range(2):
        async with uploads.received(me, created.upload.id, test=False) as file:
            assert (file.path.read_bytes(), file.size) == (b"hello world", 11)
    later.by = timedelta(minutes=30)
    with pytest.raises(Invalid, match=r"^uploadId: .*expired") as expired:
        async with uploads.received(me, created.upload.id, test=False):
            pass
    assert expired.value.field == "uploadId"
    await uploads.sweep()
    assert len(files(tmp_path)) == 1  # somebody may be reading it still
    later.by = timedelta(minutes=40)
    await uploads.sweep()
    assert files(tmp_path) == []


async def test_an_upload_is_its_accounts_and_its_catalogs(
    uploads: Uploads, new_account: NewAccount, pool: asyncpg.Pool
) -> None:
    me, she = await new_account(), await new_account()
    created = await uploads.create(me, test=False)
    with pytest.raises(Invalid, match="not been sent"):
        async with uploads.received(me, created.upload.id, test=False):
            pass
    await uploads.receive(created.secret, body(b"x"))
    for account, test, number in ((she, False, 0), (me, True, 0), (me, False, 1)):
        with pytest.raises(Invalid, match="no such upload"):
            async with uploads.received(account, created.upload.id + number, test=test):
                pass
    kept = await pool.fetchval("select token from accounts.upload where id = $1", created.upload.id)
    assert created.secret.encode() not in kept  # the database gives no URL away


async def test_a_url_is_secret_short_lived_and_for_one_file(
    uploads: Uploads, new_account: NewAccount, later: Later, tmp_path: Path
) -> None:
    me = await new_account()
    created = await uploads.create(me, test=True)
    for secret in ("", "junk", created.secret + "x", created.secret[:-1]):
        with pytest.raises(NotFound):
            await uploads.receive(secret, body(b"x"))
    with pytest.raises(Invalid, match="empty"):
        await uploads.receive(created.secret, body())
    await uploads.receive(created.secret, body(b"first"))  # an empty one, or one that broke off, may be sent again
    with pytest.raises(Conflict):
        await uploads.receive(created.secret, body(b"second"))
    async with uploads.received(me, created.upload.id, test=True) as file:
        assert file.path.read_bytes() == b"first"
    other = await uploads.create(me, test=True)
    later.by = timedelta(minutes=15)
    with pytest.raises(NotFound):
        await uploads.receive(other.secret, body(b"late"))
    assert len(files(tmp_path)) == 1


async def test_of_two_files_at_once_one_is_kept(uploads: Uploads, new_account: NewAccount, tmp_path: Path) -> None:
    me = await new_account()
    created = await uploads.create(me, test=True)
    sent = [b"a" * 300_000, b"b" * 300_000, b"c" * 300_000]
    answers = await asyncio.gather(
        *(uploads.receive(created.secret, body(one[:9], one[9:])) for one in sent), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "Upload"]
    async with uploads.received(me, created.upload.id, test=True) as file:
        assert file.path.read_bytes() in sent
    assert len(files(tmp_path)) == 1


async def test_uploads_are_bounded_in_size_and_number(uploads: Uploads, new_account: NewAccount, later: Later) -> None:
    me = await new_account()
    with pytest.raises(TooLarge):
        await uploads.create(me, test=True, size=101, at_most=100)
    with pytest.raises(Invalid, match=r"^size: "):
        await uploads.create(me, test=True, size=0)
    answers = await asyncio.gather(
        *(uploads.create(me, test=True, at_most=100) for _ in range(MOST_OPEN + 3)), return_exceptions=True
    )
    made = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(made) == MOST_OPEN
    assert all(isinstance(a, LimitReached) for a in answers if isinstance(a, BaseException))
    with pytest.raises(TooLarge):
        await uploads.receive(made[0].secret, body(b"x" * 60, b"x" * 60))
    later.by = timedelta(minutes=15)
    await uploads.create(me, test=True)


async def test_what_broke_off_leaves_nothing_and_may_be_sent_again(
    uploads: Uploads, new_account: NewAccount, tmp_path: Path
) -> None:
    created = await uploads.create(await new_account(), test=True)

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 300_000
        raise Aborted("gone")

    with pytest.raises(Aborted):
        await uploads.receive(created.secret, broken())
    assert files(tmp_path) == []
    assert (await uploads.receive(created.secret, body(b"whole"))).size == 5


async def test_files_without_a_row_are_swept_when_they_are_old(
    uploads: Uploads, new_account: NewAccount, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    me = await new_account()
    created = await uploads.create(me, test=True)
    await uploads.receive(created.secret, body(b"x"))
    await pool.execute("delete from accounts.account where id = $1", me)
    (orphan,) = files(tmp_path)
    assert await uploads.sweep() == 0
    hour_ago = orphan.stat().st_mtime - 3600
    os.utime(orphan, (hour_ago, hour_ago))
    assert await uploads.sweep() == 1
    assert files(tmp_path) == []


async def test_a_folder_that_cannot_be_written_is_said_at_the_start(pool: asyncpg.Pool, tmp_path: Path) -> None:
    taken = tmp_path / "a file"
    taken.write_bytes(b"")
    with pytest.raises(Misconfigured, match="SONOGRAPH_DATA_DIR"):
        await Uploads(pool, taken / "uploads").__aenter__()
