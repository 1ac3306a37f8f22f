"""Runs an importer over files: batches, checkpoints, rejects, progress."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Literal

import asyncpg
from msgspec import structs

from sonograph.catalog.importers.batches import Batch, Task, read_batches
from sonograph.catalog.importers.checkpoint import Checkpoint, resume_or_start, save
from sonograph.catalog.importers.counts import Counts
from sonograph.catalog.importers.reading_process import ReadingProcess, reading_process
from sonograph.catalog.importers.rejects import RejectsFile, RejectsNames
from sonograph.catalog.importers.report import FileReport, Progress, Report
from sonograph.catalog.importers.source_file import Damaged, check_files, file_digest
from sonograph.catalog.importers.sources import Source, Write, source_of
from sonograph.catalog.reference import load_reference
from sonograph.clock import Clock, now
from sonograph.errors import Invalid, Unavailable

Schema = Literal["catalog", "sandbox"]
LARGE_FILE = 4 << 20  # bytes as stored from which a second process pays: it starts in half a second
LOCK_WAIT_S = 10  # a killed import keeps its lock until the server notices
_ANALYZED = "analyze artist, label, release, edition, track, track_artist, release_track, edition_track, source_ref"
_COLLECTED = 50  # batches between two collections of cyclic garbage, of which an import makes next to none


async def run_import(  # noqa: PLR0913  # what, where to, and how; all but the first four have defaults
    dsn: str,
    schema: Schema,
    kind: str,
    paths: Sequence[Path],
    *,
    data_dir: Path,
    progress: Callable[[Progress], None] | None = None,
    rejects: Path | None = None,
    with_tags: bool = False,
    dry_run: bool = False,
    batch_size: int | None = None,
    clock: Clock = now,
    report: Report | None = None,
    write: Write | None = None,
) -> Report:
    """Import files one after the other. An interrupted import of a file goes on where its last commit was.

    Rejects go to a file of each run under `data_dir`/rejects, or to `rejects`: a file, or a folder for several inputs.
    `with_tags` reads MusicBrainz' tags as genres: CC BY-NC-SA, no commercial use. `dry_run` does all the same in one
    transaction that is rolled back, so it tells exactly what an import would do, and takes as long and as much room.
    `write` writes what is not the catalog's, as the fingerprints of an area above it, or that as well.
    What is done is told in `report` as it goes, for a caller that has to say it after an error, too.
    Raises Invalid for an unknown kind or a file of another kind or a damaged one (what stood before the damage is
    committed), Unavailable if another import is running or a file cannot be read: all are tried before the first one.
    """
    source = source_of(kind, with_tags=with_tags)
    if write:
        source = replace(source, write=write)
    paths = sorted(paths, key=source.place)
    report = report or Report(dry_run=dry_run)
    check_files(paths)
    one_file = rejects if rejects and len(paths) == 1 and not rejects.is_dir() else None  # noqa: ASYNC240 - local
    folder = data_dir / "rejects" if rejects is None or one_file else rejects
    _check_rejects(folder, one_file, data_dir)
    async with connected(dsn, schema) as connection:
        await load_reference(connection)
        async with _rolled_back(connection) if dry_run else nullcontext():
            for number, path in enumerate(paths, start=1):

                def tell(step: Progress, number: int = number) -> None:
                    if progress:
                        progress(replace(step, file=number, files=len(paths)))

                one = _FileImport(
                    connection,
                    source,
                    Task(kind, with_tags, str(path), 0, batch_size or source.batch_size),
                    RejectsNames(folder, source.kind, schema, path),
                    clock,
                )
                try:
                    with _few_collections():
                        await one.run(one_file, tell, dry_run=dry_run)
                finally:
                    if done := one.report():
                        report.files.append(done)
            if report.counts.rows and not dry_run:
                await connection.execute(_ANALYZED)
    return report


def _check_rejects(folder: Path, one_file: Path | None, data_dir: Path) -> None:
    """Folders are made for rejects in the data folder; of another one only the last part may be missing."""
    place = one_file or folder
    if not place.is_relative_to(data_dir) and not place.parent.is_dir():
        raise Unavailable(f"rejects cannot be written to {place}: there is no folder {place.parent}")
    if one_file is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"rejects cannot be written to {folder}: {error.strerror}") from error


@asynccontextmanager
async def connected(dsn: str, schema: Schema) -> AsyncIterator[asyncpg.Connection]:
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
            raise Unavailable(
                f"an import into {schema} is running, or another command that writes it; "
                "give this one again when it has ended"
            ) from error
        await connection.execute("reset lock_timeout")
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _rolled_back(connection: asyncpg.Connection) -> AsyncIterator[None]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


@contextmanager
def _few_collections() -> Iterator[None]:
    """Without the garbage collector, which would look through the hundred thousand objects of a batch many times."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _FileImport:
    """The import of one file: the next batch is read while the last one is written."""

    def __init__(
        self, connection: asyncpg.Connection, source: Source, task: Task, names: RejectsNames, clock: Clock
    ) -> None:
        self._connection = connection
        self._source = source
        self._task = task
        self._path = Path(task.path)
        self._names = names
        self._clock = clock
        self._process: ReadingProcess | None = None
        self._started = monotonic()
        self._resumed_at = 0
        self._rejects: Path | None = None
        self._former: tuple[Path, ...] = ()
        self._committed: Checkpoint | None = None
        self._finished = False

    def report(self) -> FileReport | None:
        """What is committed, be it the whole file or not; None if nothing of it was read."""
        if self._committed is None:
            return None
        counts = self._committed.counts
        passed_over = any(name.endswith(" unchanged") for name in counts.records)
        return FileReport(
            self._path,
            counts,
            monotonic() - self._started,
            self._resumed_at,
            self._rejects if self._committed.rejects_length else None,
            self._former if passed_over else (),
            self._finished,
        )

    async def run(self, rejects_file: Path | None, tell: Callable[[Progress], None], *, dry_run: bool) -> None:
        """Import the file; its rejects go to `rejects_file`, or to one of its own in the folder."""
        digest = file_digest(self._path)
        checkpoint = await resume_or_start(self._connection, self._source.kind, str(self._path), digest, self._clock)
        self._resumed_at = checkpoint.position
        self._rejects = path = rejects_file or self._names.of_run(checkpoint.run, dry_run=dry_run)
        self._former = () if rejects_file else self._names.before(checkpoint.run)
        with (
            RejectsFile(path, 0 if dry_run else checkpoint.rejects_length) as rejects,
            self._batches(self._resumed_at) as batches,
            # One and the same thread: lxml's parsers keep state per thread. Left before the process that it reads from.
            ThreadPoolExecutor(1, "import") as thread,
        ):
            loop = asyncio.get_running_loop()
            read = await loop.run_in_executor(thread, next, batches)
            for number in range(1, 1 << 62):
                if read.error:
                    raise (Invalid if read.error[0] == "invalid" else Unavailable)(read.error[1])
                ahead = None if read.ended else loop.run_in_executor(thread, next, batches)
                try:
                    self._committed = checkpoint = await self._write(read, checkpoint, rejects)
                finally:
                    following = await ahead if ahead else None  # never leave the thread behind in the file
                tell(self._progress(checkpoint, read))
                if following is None:
                    break
                read = following
                if number % _COLLECTED == 0:
                    gc.collect()
            if read.damage:
                raise Damaged(read.damage)
        self._finished = True

    @contextmanager
    def _batches(self, skip: int) -> Iterator[Iterator[Batch]]:
        task = structs.replace(self._task, skip=skip)
        if self._source.bytes_of(self._path) < LARGE_FILE:
            yield read_batches(task)
        else:
            with reading_process(task) as process:
                self._process = process
                yield process.batches

    async def _write(self, read: Batch, checkpoint: Checkpoint, rejects: RejectsFile) -> Checkpoint:
        async with self._connection.transaction():
            records = [record for item in read.items for record in item.records]
            outcome = await self._source.write(self._connection, records)
            if self._process:
                unchanged = sum(n for (_, verdict), n in outcome.verdicts.items() if verdict == "unchanged")
                self._process.foresee(on=2 * unchanged < len(records))
            counts = Counts()
            counts.add(checkpoint.counts)
            counts.add_items(read.items)
            counts.add_outcome(outcome)
            checkpoint = Checkpoint(
                checkpoint.run,
                checkpoint.position + len(read.items),
                rejects.write(read.items, outcome.problems),
                counts,
            )
            await save(self._connection, checkpoint, self._clock, finished=read.ended and read.damage is None)
        return checkpoint

    def _progress(self, checkpoint: Checkpoint, read: Batch) -> Progress:
        return Progress(
            self._path, 1, 1, checkpoint.counts, read.position, read.total, monotonic() - self._started,
            finished=read.ended and read.damage is None,
        )  # fmt: skip
