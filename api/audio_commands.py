"""`sonograph import audio`: folders of audio files made into references, and into tracks where there are none yet."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from api.catalog_commands import merge_sources, show_merge_report
from api.import_progress import show_import, show_report
from sonograph.catalog.importers.report import Report
from sonograph.catalog.importers.run import Schema
from sonograph.catalog.merging.report import MergeReport
from sonograph.engine import open_database
from sonograph.recognition.importing.run import KIND, run_audio_import
from sonograph.settings import Settings

__all__ = ["KIND", "import_audio", "usual_jobs"]
out, err = Console(), Console(stderr=True)


def usual_jobs() -> int:
    """One process for each core but one, which files what the others heard."""
    return max(1, (os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count() or 2) - 1)


def import_audio(  # noqa: PLR0913  # the options of the command
    settings: Settings,
    paths: Sequence[Path],
    *,
    schema: Schema,
    jobs: int | None,
    untagged: bool,
    keep_duplicates: bool,
    dry_run: bool,
    rejects: Path | None,
    merge: bool,
) -> None:
    """Import, and show what became of it; what is done stays done, whatever ends it."""
    report = Report(dry_run=dry_run)

    async def job() -> MergeReport | None:
        async with open_database(settings) as dsn:
            with show_import(err) as progress:
                await run_audio_import(
                    dsn,
                    schema,
                    paths,
                    settings.data_dir,
                    jobs=jobs or usual_jobs(),
                    untagged=untagged,
                    keep_duplicates=keep_duplicates,
                    dry_run=dry_run,
                    rejects=rejects,
                    progress=progress,
                    report=report,
                )
            return await merge_sources(dsn, schema) if merge and not dry_run and report.counts.rows else None

    merged = None
    try:
        merged = asyncio.run(job())
    finally:
        if report.files:
            show_report(report, out)
    if merged:
        show_merge_report(merged, out)
