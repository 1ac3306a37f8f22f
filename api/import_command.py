"""`sonograph import`: files of every kind into the catalog."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api import logs
from api.audio_commands import KIND as AUDIO
from api.audio_commands import import_audio
from api.catalog_commands import merge_sources, show_merge_report
from api.import_progress import EXAMPLES, show_import, show_report, show_verdict
from sonograph.catalog.importers.report import Report
from sonograph.catalog.importers.run import Schema, run_import
from sonograph.catalog.importers.sources import KINDS
from sonograph.catalog.merging.report import MergeReport
from sonograph.engine import open_database
from sonograph.errors import Invalid
from sonograph.recognition.importers.writers import WRITERS

commands = typer.Typer(add_completion=False)
out, err = Console(), Console(stderr=True)


@commands.command("import", epilog=EXAMPLES)
def import_files(  # noqa: PLR0913, PLR0917  # each is an argument or option of the command
    kind: Annotated[str, typer.Argument(help=f"What the files are: {', '.join((*KINDS, AUDIO))}.")],
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH…", help="Files, plain or compressed; for audio, folders or files.")
    ],
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox",
            help="Into the catalog that test keys read; it is emptied when a new version brings a new sandbox.",
        ),
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejects go: a file, or a folder for several. Default: the data folder.")
    ] = None,
    with_tags: Annotated[
        bool,
        typer.Option("--with-tags", help="MusicBrainz: take genres from tags, whose licence forbids commercial use."),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be made, changed and rejected, and write nothing but rejects."),
    ] = False,
    no_merge: Annotated[
        bool, typer.Option("--no-merge", help="Leave merging with other sources to `sonograph catalog merge`.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Audio: processes that listen. Default: one for each core but one."),
    ] = None,
    untagged: Annotated[
        bool,
        typer.Option("--untagged", help="Audio: import files that say nothing of themselves, named as the files are."),
    ] = False,
    keep_duplicates: Annotated[
        bool,
        typer.Option("--keep-duplicates", help="Audio: make tracks of files that sound exactly like another track."),
    ] = False,
) -> None:
    """Import files into the catalog. What was imported before is not imported twice; what was stopped goes on."""
    if "" in paths:
        raise Invalid("the name of a file is empty", "paths")
    settings = logs.configured()
    if kind == AUDIO:
        _check_audio(with_tags=with_tags)
        import_audio(
            settings,
            [Path(path) for path in paths],
            schema="sandbox" if sandbox else "catalog",
            jobs=jobs,
            untagged=untagged,
            keep_duplicates=keep_duplicates,
            dry_run=dry_run,
            rejects=rejects,
            merge=not no_merge,
        )
        return
    if jobs is not None or untagged or keep_duplicates:
        raise Invalid("--jobs, --untagged and --keep-duplicates are for audio", "kind")
    report = Report(dry_run=dry_run)

    async def job() -> MergeReport | None:
        async with open_database(settings) as dsn:
            schema: Schema = "sandbox" if sandbox else "catalog"
            with show_import(err) as progress:
                await run_import(
                    dsn,
                    schema,
                    kind,
                    [Path(path) for path in paths],
                    data_dir=settings.data_dir,
                    progress=progress,
                    rejects=rejects,
                    with_tags=with_tags,
                    dry_run=dry_run,
                    report=report,
                    write=WRITERS.get(kind),
                )
            return None if no_merge or dry_run or report.empty else await merge_sources(dsn, schema)

    merged = None
    try:
        merged = asyncio.run(job())
    finally:  # an error in a later file, or Ctrl-C, takes nothing back of what is committed
        if report.files:
            show_report(report, out)
    if merged:
        show_merge_report(merged, out)
    if show_verdict(kind, report, err):
        raise typer.Exit(1)


def _check_audio(*, with_tags: bool) -> None:
    if with_tags:
        raise Invalid("--with-tags is for musicbrainz; tags of audio files are always read", "with_tags")
