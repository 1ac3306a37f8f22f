"""Files on their way to disk: bounds of size, time and number, and nothing left behind."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sonograph.errors import Unavailable
from sonograph.recognition.uploads import arrivals as module
from sonograph.recognition.uploads.arrivals import Arrivals, Limits
from sonograph.recognition.uploads.faults import Aborted, TooLarge, TooSlow

ME, SHE = 1, 2
QUICK = Limits(places=3, places_each=2, idle_seconds=0.2, whole_seconds=0.6)


@pytest.fixture
def arrivals(tmp_path: Path) -> Iterator[Arrivals]:
    with Arrivals(tmp_path, QUICK) as opened:
        yield opened


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


async def pieces(*sizes: int, pause: float = 0.0) -> AsyncIterator[bytes]:
    for number, size in enumerate(sizes):
        await asyncio.sleep(pause)
        yield bytes([number % 256]) * size


async def stalled(size: int, go_on: asyncio.Event) -> AsyncIterator[bytes]:
    yield b"x" * size
    await go_on.wait()


async def arrive(arrivals: Arrivals, account: int, chunks: AsyncIterator[bytes], at_most: int = 1 << 20) -> int:
    async with arrivals.receive(account, chunks, at_most=at_most) as arrived:
        return arrived.size


async def test_a_file_is_as_it_was_sent_and_gone_behind_the_block(arrivals: Arrivals, tmp_path: Path) -> None:
    sizes = (1, 65_536, 300_000, 0, 7, 262_144)
    async with arrivals.receive(ME, pieces(*sizes)) as arrived:
        content = arrived.path.read_bytes()
        assert arrived.path.stat().st_mode & 0o077 == 0
    assert content == b"".join(bytes([number]) * size for number, size in enumerate(sizes))
    assert arrived.size == len(content)
    assert files(tmp_path) == []


async def test_too_much_is_refused_before_it_is_written(arrivals: Arrivals, tmp_path: Path) -> None:
    taken = list[int]()

    async def counted() -> AsyncIterator[bytes]:
        async for piece in pieces(*[10_000] * 100):
            taken.append(len(piece))
            yield piece

    with pytest.raises(TooLarge, match="at most 50000 bytes"):
        await arrive(arrivals, ME, counted(), at_most=50_000)
    assert sum(taken) == 60_000
    async with arrivals.receive(ME, pieces(25_000, 25_000), at_most=50_000) as arrived:
        assert arrived.size == 50_000
    with pytest.raises(TooLarge):
        async with arrivals.receive(ME, pieces(1), at_most=50_000, declared=50_001):
            raise AssertionError("it said itself that it is too large")
    assert files(tmp_path) == []


async def test_a_sender_that_stalls_or_trickles_is_refused(arrivals: Arrivals, tmp_path: Path) -> None:
    for chunks in (stalled(5, asyncio.Event()), pieces(*[1] * 100, pause=0.1)):
        with pytest.raises(TooSlow):
            await arrive(arrivals, ME, chunks)
    assert files(tmp_path) == []


async def test_places_are_bounded_for_all_and_for_each_account(arrivals: Arrivals) -> None:
    def waits(account: int) -> tuple[asyncio.Event, asyncio.Task[int]]:
        go_on = asyncio.Event()
        return go_on, asyncio.create_task(arrive(arrivals, account, stalled(3, go_on)))

    first, second = waits(ME), waits(ME)
    await asyncio.sleep(0.02)
    with pytest.raises(Unavailable) as busy:
        await arrive(arrivals, ME, pieces(1))
    assert busy.value.retry_after
    third = waits(SHE)
    await asyncio.sleep(0.02)
    with pytest.raises(Unavailable):
        await arrive(arrivals, SHE, pieces(1))
    for go_on, task in (first, second, third):
        go_on.set()
        assert await task == 3
    for account in (ME, SHE):  # and all places are free again
        assert await arrive(arrivals, account, pieces(1)) == 1


async def test_a_sender_that_goes_away_leaves_nothing(arrivals: Arrivals, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 400_000
        raise Aborted("gone")

    with pytest.raises(Aborted):
        await arrive(arrivals, ME, broken())
    task = asyncio.create_task(arrive(arrivals, ME, stalled(400_000, asyncio.Event())))
    await asyncio.sleep(0.05)
    assert files(tmp_path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(tmp_path) == []
    assert await arrive(arrivals, ME, pieces(1)) == 1


async def test_a_full_disk_is_said_and_not_filled(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "ROOM", 1 << 60)
    with pytest.raises(Unavailable):
        await arrive(arrivals, ME, pieces(1))
    assert files(tmp_path) == []


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from sonograph.recognition.uploads.arrivals import Arrivals

async def endless():
    yield b"x" * 600_000
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    with Arrivals(Path(sys.argv[1])) as arrivals:
        async with arrivals.receive(1, endless()):
            pass

asyncio.run(main())
"""


def test_what_a_killed_process_leaves_is_swept_and_what_a_live_one_has_is_not(tmp_path: Path) -> None:
    with Arrivals(tmp_path) as alive:
        ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], timeout=30, check=False)
        assert ended.returncode == -9
        assert len(files(tmp_path)) == 1
        mine = next(path for path in (tmp_path / "arriving").iterdir() if path == alive._own)
        with Arrivals(tmp_path):
            assert files(tmp_path) == []
            assert mine.is_dir()
    assert list((tmp_path / "arriving").iterdir()) == []
