"""What an index holds, read from its segments, and ways to wait for it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import asyncpg
import numpy as np

from sonograph.catalog.vocabulary import OriginId
from sonograph.errors import Unavailable
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.index.folder import catalog_folder
from sonograph.recognition.index.follower import follow
from sonograph.recognition.index.kinds import KINDS
from sonograph.recognition.references import Reference
from sonograph.recognition.segments.manifest import Manifest, read_gone
from sonograph.recognition.store import write_references

PATIENCE = 60.0  # seconds: much longer than anything takes, as the machine may be busy
_FOLLOW = (
    "import asyncio, sys; from pathlib import Path; from sonograph.recognition.index.follower import follow; "
    "asyncio.run(follow(sys.argv[1], Path(sys.argv[2]), 'catalog', asyncio.Event()))"
)


def items_of(seed: int, size: int = 240) -> Items:
    return np.random.default_rng(seed).integers(0, 1 << 32, size, np.uint32)


def reference(seed: int, *, items: Items | None = None, landmarks: bytes | None = None) -> Reference:
    """A reference of a track of its own."""
    given = items_of(seed) if items is None and landmarks is None else items
    return Reference(
        track_id=1 + seed,
        origin=OriginId.AUDIO,
        external_id=f"{seed}.flac",
        seconds=30.0,
        items=given,
        landmarks=landmarks,
    )


async def written(dsn: str, references: Iterable[Reference], schema: str = "catalog") -> tuple[int, ...]:
    """Writes references in a transaction of their own; their ids."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": schema})
    try:
        async with connection.transaction():
            return (await write_references(connection, references)).ids
    finally:
        await connection.close()


def held(data_dir: Path, kind: int = 0, schema: str = "catalog") -> dict[int, bytes]:
    """What the index of a catalog has of each reference: of items (0) or of landmarks (1)."""
    indexed = KINDS[kind]
    folder = catalog_folder(data_dir, schema) / indexed.name
    found: dict[int, bytes] = {}
    for entry in Manifest.read(folder).entries:
        segment = indexed.kind.open(folder / entry.segment)
        gone = read_gone(folder / entry.gone, entry.references) if entry.gone else np.zeros(entry.references, bool)
        for ids, sizes, content in segment.alive(gone):
            width = content.nbytes // max(1, int(sizes.sum()))
            ends = np.cumsum(sizes) * width
            for one, end, size in zip(ids, ends, sizes, strict=True):
                assert int(one) not in found, "a reference is there twice"
                found[int(one)] = content.tobytes()[end - size * width : end]
    return found


def _holds(what: Callable[[], bool]) -> bool:
    try:
        return what()
    except (FileNotFoundError, Unavailable):  # merged away between manifest and segment; or damaged by the test
        return False


async def until(holds: Callable[[], bool], what: str) -> None:
    """Waits for something that other tasks or processes do."""
    deadline = monotonic() + PATIENCE
    while not _holds(holds):
        assert monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def followed(dsn: str, data_dir: Path, schema: str = "catalog") -> AsyncIterator[None]:
    """A follower in this process."""
    stop = asyncio.Event()
    task = asyncio.create_task(follow(dsn, data_dir, schema, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE)


class Process:
    """A follower in a process of its own, whose end is sudden."""

    def __init__(self, dsn: str, data_dir: Path) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", _FOLLOW, dsn, str(data_dir)], stderr=subprocess.PIPE)

    def kill(self) -> None:
        """Ends it as a power cut does."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.communicate(timeout=PATIENCE)
