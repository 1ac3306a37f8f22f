"""Runs an import of audio: files heard by several processes, and filed one after the other."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from uuid import uuid4

import asyncpg

from sonograph.catalog.importers.checkpoint import Checkpoint, resume_or_start, save
from sonograph.catalog.importers.counts import Counts
from sonograph.catalog.importers.rejects import RejectsNames
from sonograph.catalog.importers.report import FileReport, Progress, Report
from sonograph.catalog.importers.run import Schema, connected
from sonograph.catalog.reference import load_reference
from sonograph.clock import Clock, now
from sonograph.recognition.importing import store
from sonograph.recognition.importing.filing import Filed, Filing, path_text
from sonograph.recognition.importing.likeness import Likeness, likeness
from sonograph.recognition.importing.listeners import Listeners, listeners
from sonograph.recognition.importing.rejects import Rejects
from sonograph.recognition.importing.sound import LASTING, UNTAGGED, Refused, Sound
from sonograph.recognition.importing.walk import AudioFile, Unread, walk

KIND = "audio"
AHEAD = 3  # files that are being heard or wait to be filed, for each process: a long one does not hold up the others
SAVED = 20  # files after which the run notes how far it is
_ANALYZED = "analyze artist, release, track, track_artist, release_track, source_ref, isrc, audio_reference, audio_file"
Heard = Sound | Refused


async def run_audio_import(  # noqa: PLR0913  # what, where to, and how; all but the first four have defaults
    dsn: str,
    schema: Schema,
    paths: Sequence[Path],
    data_dir: Path,
    *,
    jobs: int = 1,
    untagged: bool = False,
    keep_duplicates: bool = False,
    dry_run: bool = False,
    rejects: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    clock: Clock = now,
    report: Report | None = None,
) -> Report:
    """Make references of the audio below these folders, each file in a transaction of its own.

    Files that did not change since they were imported, or left out, are passed over. `keep_duplicates` makes tracks of
    files whose whole sound is another track's reference, those left out before included. `dry_run` takes everything
    back at the end; it does not find a file that sounds like one more than 100 files before it. `report` is told what
    is done as it goes.
    Raises `Unavailable` if another import is running or a path does not exist.
    """
    report = report or Report(dry_run=dry_run)
    files = list(walk(paths))
    counts = Counts()
    began = monotonic()
    finished = False
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connected(dsn, schema))
        await load_reference(connection)
        if dry_run:
            taken_back = connection.transaction()
            await taken_back.start()
            stack.push_async_callback(taken_back.rollback)
        alike = await stack.enter_async_context(likeness(dsn, data_dir, schema))
        heard_by = await stack.enter_async_context(listeners(jobs, untagged=untagged))
        place = ", ".join(map(str, paths))
        checkpoint = await resume_or_start(connection, KIND, place, uuid4().hex, clock)
        names = RejectsNames(rejects or data_dir / "rejects", KIND, schema, paths[0])
        lines = stack.enter_context(Rejects(names, checkpoint.run, dry_run=dry_run))
        filing = Filing(connection, alike, clock, keep_duplicates=keep_duplicates)
        again = _Again(untagged=untagged, keep_duplicates=keep_duplicates)
        one = _Import(connection, alike, heard_by, lines, counts, clock, jobs, filing, again)

        def tell(done: int) -> None:
            if progress:
                progress(
                    Progress(
                        paths[0],
                        1,
                        1,
                        counts,
                        done if one.total else 1,
                        one.total or 1,
                        monotonic() - began,
                        finished=finished,
                    )
                )

        try:
            await one.run(files, checkpoint, tell)
            finished = True
            tell(one.total)
            if counts.rows and not dry_run:
                await connection.execute(_ANALYZED)
        finally:
            report.files.append(
                FileReport(
                    paths[0], counts, monotonic() - began, 0, lines.path if lines.any else None,
                    finished=finished,
                )
            )  # fmt: skip
    return report


@dataclass(frozen=True, slots=True)
class _Again:
    """Which files are heard again that were left out, and did not change."""

    untagged: bool
    keep_duplicates: bool

    def wanted(self, known: store.KnownFile) -> bool:
        if not known.left_out:
            return False
        return self.untagged if known.name == UNTAGGED else self.keep_duplicates and known.name not in LASTING


class _Import:
    def __init__(  # noqa: PLR0913, PLR0917  # the parts of a run
        self,
        connection: asyncpg.Connection,
        alike: Likeness,
        heard_by: Listeners,
        rejects: Rejects,
        counts: Counts,
        clock: Clock,
        jobs: int,
        filing: Filing,
        again: _Again,
    ) -> None:
        self.total = 0  # bytes of files that have to be heard
        self._connection = connection
        self._alike = alike
        self._heard_by = heard_by
        self._rejects = rejects
        self._counts = counts
        self._clock = clock
        self._ahead = AHEAD * jobs
        self._filing = filing
        self._again = again

    async def run(
        self, files: Sequence[AudioFile | Unread], checkpoint: Checkpoint, tell: Callable[[int], None]
    ) -> None:
        counts = self._counts
        known_files = await store.known_files(self._connection)
        fresh = list[AudioFile]()
        for file in files:
            if isinstance(file, Unread):
                counts.read["files"] += 1
                self._reject(file.path, Refused("cannot be read", file.why))
                continue
            known = known_files.get(path_text(file))
            if not known or (known.size, known.modified) != (file.size, file.modified) or self._again.wanted(known):
                fresh.append(file)
                continue
            counts.read["files"] += 1
            counts.records["file left out before" if known.left_out else "file unchanged"] += 1
        self.total = sum(file.size for file in fresh)
        done = 0
        async for file, heard in self._heard(fresh):
            counts.read["files"] += 1
            if isinstance(heard, Refused):
                self._reject(file.path, heard)
                await self._remember(file, heard)
            else:
                await self._file(file, heard)
            done += file.size
            tell(done)
            if counts.read["files"] % SAVED == 0:
                await self._save(checkpoint, finished=False)
        await self._save(checkpoint, finished=True)

    async def _heard(self, files: Sequence[AudioFile]) -> AsyncIterator[tuple[AudioFile, Heard]]:
        """Files with what was heard, in their order, a few of them heard ahead."""
        waiting: deque[tuple[AudioFile, asyncio.Task[Heard]]] = deque()
        left = iter(files)
        try:
            while True:
                while len(waiting) < self._ahead and (file := next(left, None)):
                    waiting.append((file, asyncio.create_task(self._heard_by.hear(file.path))))
                if not waiting:
                    return
                file, task = waiting.popleft()
                try:
                    heard = await task
                except BaseException:
                    task.cancel()
                    raise
                yield file, heard
        finally:
            for _, task in waiting:
                task.cancel()
            await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)

    async def _remember(self, file: AudioFile, refused: Refused) -> None:
        """Not to open it again; what the file system refuses today it may allow tomorrow."""
        if refused.reason in LASTING:
            about = file.size, file.modified, refused.reason
            await store.save_refused(self._connection, path_text(file), self._clock(), about)

    async def _file(self, file: AudioFile, sound: Sound) -> None:
        async with self._connection.transaction():
            filed = await self._filing.file(file, sound)
        if filed.left_out:
            reason, message = filed.left_out
            self._counts.rejected[reason] += 1
            self._rejects.line(file.path, reason, message, kept=False)
        else:
            self._count(filed, sound)
        for reason, message in filed.remarks:
            self._counts.flagged[reason] += 1
            self._rejects.line(file.path, reason, message, kept=True)
        if filed.written:
            await self._alike.written(*filed.written)

    def _count(self, filed: Filed, sound: Sound) -> None:
        counts = self._counts
        counts.records["file imported"] += 1
        counts.records += filed.records
        counts.rows += filed.rows
        counts.notes += filed.notes
        counts.notes["minutes of audio"] += round(sound.seconds / 60)
        counts.notes["with a tempo"] += sound.bpm is not None
        counts.notes["with a key"] += sound.key is not None
        counts.notes["named by their file names"] += sound.tags.by_name

    def _reject(self, path: Path, refused: Refused) -> None:
        self._counts.rejected[refused.reason] += 1
        self._rejects.line(path, refused.reason, refused.message, kept=False)

    async def _save(self, checkpoint: Checkpoint, *, finished: bool) -> None:
        counts = self._counts
        await save(
            self._connection,
            Checkpoint(checkpoint.run, counts.read["files"], 0, counts),
            self._clock,
            finished=finished,
        )
