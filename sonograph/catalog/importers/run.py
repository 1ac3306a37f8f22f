"""Runs an importer over files: batches, checkpoints, rejects, progress."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Literal

import asyncpg

from sonograph.catalog.importers.checkpoint import Checkpoint, resume_or_start, save
from sonograph.catalog.importers.counts import Counts
from sonograph.catalog.importers.discogs import read_discogs
from sonograph.catalog.importers.items import Item, Reader
from sonograph.catalog.importers.jsonl import read_jsonl
from sonograph.catalog.importers.mlc import read_mlc
from sonograph.catalog.importers.musicbrainz import read_musicbrainz, read_musicbrainz_with_tags
from sonograph.catalog.importers.rejects import RejectsFile
from sonograph.catalog.importers.source_file import Damaged, SourceFile, file_digest, open_source
from sonograph.catalog.reference import load_reference
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_batch
from sonograph.clock import Clock, now
from sonograph.errors import Invalid, Unavailable

KINDS: dict[str, tuple[OriginId, Reader]] = {
    "jsonl": (OriginId.JSONL, read_jsonl),
    "discogs": (OriginId.DISCOGS, read_discogs),
    "musicbrainz": (OriginId.MUSICBRAINZ, read_musicbrainz),
    "mlc": (OriginId.MLC, read_mlc),
}
# Importers that read tags, too, on request, because those are under another licence: (kind of the run, reader, origin
# of the rows that hold genres made of them).
WITH_TAGS: dict[str, tuple[str, Reader, OriginId]] = {
    "musicbrainz": ("musicbrainz+tags", read_musicbrainz_with_tags, OriginId.MUSICBRAINZ_TAGS),
}
BATCH_SIZE = 500
# Of importers whose items are small; releases of MusicBrainz are bounded by BATCH_BYTES.
BATCH_SIZES = {"musicbrainz": 2_000, "mlc": 5_000}
BATCH_BYTES = 4 << 20  # decoded, a record takes about ten times its bytes
LOCK_WAIT_S = 10  # a killed import keeps its lock until the server notices
_ANALYZED = "analyze artist, label, release, edition, track, track_artist, release_track, edition_track, source_ref"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. Bytes are those of the file as it is stored (compressed)."""

    path: Path
    file: int  # from 1
    files: int
    counts: Counts  # of this file, earlier interrupted attempts included
    bytes_read: int
    bytes_total: int
    seconds: float  # on this file
    finished: bool = False

    @property
    def seconds_left(self) -> float | None:
        if not self.bytes_read or not self.seconds:
            return None
        return self.seconds * (self.bytes_total - self.bytes_read) / self.bytes_read


@dataclass(frozen=True, slots=True)
class FileReport:
    path: Path
    counts: Counts
    seconds: float
    resumed_at: int  # items that an earlier attempt had committed
    rejects: Path | None  # None: nothing was rejected or left out


@dataclass(frozen=True, slots=True)
class Report:
    files: list[FileReport] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        total = Counts()
        for file in self.files:
            total.add(file.counts)
        return total


async def run_import(  # noqa: PLR0913  # what, where to, and how; all but the first four have defaults
    dsn: str,
    schema: Literal["catalog", "sandbox"],
    kind: str,
    paths: Sequence[Path],
    *,
    data_dir: Path,
    progress: Callable[[Progress], None] | None = None,
    rejects_path: Path | None = None,
    with_tags: bool = False,
    batch_size: int | None = None,
    clock: Clock = now,
) -> Report:
    """Import files one after the other. An interrupted import of a file goes on where its last commit was.

    Rejects go to `data_dir/rejects/KIND-FILE.jsonl`, or to `rejects_path`: a file, or a folder for several inputs.
    `with_tags` reads MusicBrainz' tags as genres: CC BY-NC-SA, no commercial use.
    Raises Invalid for an unknown kind or a file of another kind or a damaged one (what stood before the damage is
    committed), Unavailable if a file cannot be read or another import is running.
    """
    if kind not in KINDS:
        raise Invalid(f"there is no importer {kind!r}; there are: {', '.join(KINDS)}", "kind")
    if with_tags and kind not in WITH_TAGS:
        raise Invalid(f"{kind} files have no tags that are left out; those of {', '.join(WITH_TAGS)} have", "with_tags")
    source = _Source.of(kind, with_tags=with_tags)
    report = Report()
    async with _connected(dsn, schema) as connection:
        await load_reference(connection)
        for number, path in enumerate(paths, start=1):
            run = _FileImport(connection, source, path, batch_size or BATCH_SIZES.get(kind, BATCH_SIZE), clock)

            def tell(step: Progress, number: int = number) -> None:
                if progress:
                    progress(replace(step, file=number, files=len(paths)))

            report.files.append(await run.run(_rejects_path(kind, path, data_dir, rejects_path, len(paths)), tell))
        if report.counts.rows:
            await connection.execute(_ANALYZED)
    return report


def _rejects_path(kind: str, path: Path, data_dir: Path, given: Path | None, files: int) -> Path:
    if given and files == 1 and not given.is_dir():
        return given
    return (given or data_dir / "rejects") / f"{kind}-{path.name}.jsonl"


@asynccontextmanager
async def _connected(dsn: str, schema: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that holds the import lock of the schema."""
    connection = await asyncpg.connect(
        dsn,
        # A lost commit is repeated by the next run: waiting for the disk at each batch gains nothing.
        server_settings={"search_path": schema, "synchronous_commit": "off", "jit": "off"},
    )
    try:
        await connection.execute(f"set lock_timeout = '{LOCK_WAIT_S}s'")
        try:
            await connection.execute("select pg_advisory_lock(hashtext('sonograph import ' || current_schema()))")
        except asyncpg.LockNotAvailableError as error:
            raise Unavailable(f"another import into {schema} is running; start this one when it has ended") from error
        await connection.execute("reset lock_timeout")
        yield connection
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class _Source:
    """What is imported: as what it is noted, how it is read, whose the rows are."""

    kind: str
    reader: Reader
    origin: OriginId
    genre_origin: OriginId | None = None

    @classmethod
    def of(cls, kind: str, *, with_tags: bool) -> "_Source":
        origin, reader = KINDS[kind]
        if not with_tags:
            return cls(kind, reader, origin)
        noted, reader, genre_origin = WITH_TAGS[kind]
        return cls(noted, reader, origin, genre_origin)


@dataclass(slots=True)
class _Read:
    """A batch as read: its items, the place in the file, and what ended the file early."""

    items: list[Item] = field(default_factory=list)
    position: int = 0
    ended: bool = False
    damage: Damaged | None = None


class _FileImport:
    """The import of one file: the next batch is read in a thread while the last one is written."""

    def __init__(
        self, connection: asyncpg.Connection, source: _Source, path: Path, batch_size: int, clock: Clock
    ) -> None:
        self._connection = connection
        self._source = source
        self._path = path
        self._batch_size = batch_size
        self._clock = clock
        self._started = monotonic()

    async def run(self, rejects_path: Path, tell: Callable[[Progress], None]) -> FileReport:
        digest = file_digest(self._path)
        checkpoint = await resume_or_start(self._connection, self._source.kind, str(self._path), digest, self._clock)
        resumed_at = checkpoint.position
        loop = asyncio.get_running_loop()
        with (
            open_source(self._path) as file,
            RejectsFile(rejects_path, checkpoint.rejects_length) as rejects,
            ThreadPoolExecutor(1, "import") as thread,  # one and the same: lxml's parsers keep state per thread
        ):
            items = self._source.reader(file, checkpoint.position)
            read = await loop.run_in_executor(thread, self._read, file, items)
            while True:
                ahead = None if read.ended else loop.run_in_executor(thread, self._read, file, items)
                try:
                    checkpoint = await self._write(read, checkpoint, rejects)
                finally:
                    following = await ahead if ahead else None  # never leave the thread behind in the file
                finished = following is None and read.damage is None
                tell(self._progress(checkpoint, file, read.position, finished=finished))
                if following is None:
                    break
                read = following
            if read.damage:
                raise read.damage
        return FileReport(
            self._path,
            checkpoint.counts,
            monotonic() - self._started,
            resumed_at,
            rejects_path if checkpoint.rejects_length else None,
        )

    def _read(self, file: SourceFile, items: Iterator[Item]) -> _Read:
        read, size = _Read(), 0
        try:
            while len(read.items) < self._batch_size and size < BATCH_BYTES:
                item = next(items)
                size += item.size
                read.items.append(item)
        except StopIteration:
            read.ended = True
        except Damaged as damage:
            read.ended, read.damage = True, damage
        read.position = file.position
        return read

    async def _write(self, read: _Read, checkpoint: Checkpoint, rejects: RejectsFile) -> Checkpoint:
        records = [part for item in read.items for part in item.each_record()]
        async with self._connection.transaction():
            outcome = await write_batch(
                self._connection,
                self._source.origin,
                [item.record for item in records if item.record is not None],
                self._source.genre_origin,
            )
            counts = Counts()
            counts.add(checkpoint.counts)
            counts.add_items(read.items)
            counts.add_outcome(outcome)
            checkpoint = Checkpoint(
                checkpoint.run,
                checkpoint.position + len(read.items),
                rejects.write(read.items, records, outcome.problems),
                counts,
            )
            finished = read.ended and read.damage is None
            await save(self._connection, checkpoint, self._clock, finished=finished)
        return checkpoint

    def _progress(self, checkpoint: Checkpoint, file: SourceFile, position: int, *, finished: bool) -> Progress:
        return Progress(
            self._path, 1, 1, checkpoint.counts, position, file.total, monotonic() - self._started, finished=finished
        )
