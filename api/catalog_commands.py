"""`sonograph catalog …`: what the catalog holds, and how its sources are made one."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import asyncpg
import orjson
import typer
from rich.console import Console
from rich.table import Table

from api import logs
from api.catalog_numbers import Sandbox, set_estimates, show_stats
from api.merge_progress import show_merge
from sonograph import clock
from sonograph.catalog.importers.run import Schema, connected
from sonograph.catalog.merging.report import REASONS, MergeReport
from sonograph.catalog.merging.run import merge as merge_catalog
from sonograph.catalog.merging.undo import KINDS, Merged, merges, unmerge_one, unmerge_row
from sonograph.engine import open_database
from sonograph.errors import Invalid, Unavailable
from sonograph.ids import MAX_INT

# Ids of rows and of merges are PostgreSQL's integers.
_Row = Annotated[int | None, typer.Option("--id", min=1, max=MAX_INT, help="Of this row, by any of its ids.")]

catalog = typer.Typer(add_completion=False, no_args_is_help=True, help="The catalog as a whole.")
out, err = Console(), Console(stderr=True)


@catalog.callback()
def options() -> None:
    """The catalog as a whole."""


catalog.command("stats")(show_stats)
catalog.command("estimate-popularity")(set_estimates)


@catalog.command()
def merge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all of it, report it, and take it back.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="A file for each merge and each conflict, a JSON object a line.")
    ] = None,
    sandbox: Sandbox = False,
) -> None:
    """Make one row of what several sources have: each import ends with it, too."""
    _show(_run(lambda dsn: merge_sources(dsn, _schema(sandbox=sandbox), report, dry_run=dry_run)), report)


async def merge_sources(dsn: str, schema: Schema, path: Path | None = None, *, dry_run: bool = False) -> MergeReport:
    """A pass over a catalog, with progress; its lines go to a file."""
    with _lines(path) as write:
        report = MergeReport(write, dry_run=dry_run)
        async with connected(dsn, schema) as connection:
            with show_merge(err) as tell:
                return await merge_catalog(connection, report, tell=tell)


@catalog.command("merges")
def list_merges(
    row: _Row = None,
    kind: Annotated[str | None, typer.Option(help=f"Only: {', '.join(KINDS)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_INT, help="How many lines, the latest first.")] = 100,
    sandbox: Sandbox = False,
) -> None:
    """List what was merged into what, and why."""
    _check(kind)
    for merged in _run(lambda dsn: _with(dsn, _schema(sandbox=sandbox), lambda c: merges(c, kind, row, limit))):
        out.print(_line(merged), highlight=False, soft_wrap=True, markup=False)


@catalog.command()
def unmerge(
    what: Annotated[str, typer.Argument(metavar="MERGE_ID|KIND", help="A number of `merges`, or a kind of row.")],
    row: Annotated[
        int | None,
        typer.Argument(metavar="[ID]", min=1, max=MAX_INT, help="With a kind: the row, by any of its ids."),
    ] = None,
    sandbox: Sandbox = False,
) -> None:
    """Take rows apart that are not the same, and keep them so: KIND ID all that became one, MERGE_ID one of them."""
    schema = _schema(sandbox=sandbox)
    if row is None:
        if not (what.isascii() and what.isdecimal() and len(what) <= len(str(MAX_INT)) and int(what) <= MAX_INT):
            raise Invalid(f"{what!r} is no number of a merge; with a kind, say the id of the row", "what")
        parted = _run(lambda dsn: _alone(dsn, schema, lambda c: unmerge_one(c, int(what), clock.now())))
    else:
        _check(what)
        parted = _run(lambda dsn: _alone(dsn, schema, lambda c: unmerge_row(c, what, row, clock.now())))
    out.print("Apart again, and not merged any more:")
    for merged in parted:
        out.print(f"  {_line(merged)}", highlight=False, soft_wrap=True, markup=False)


def _run(job: Callable[[str], Any]) -> Any:
    settings = logs.configured()

    async def run() -> Any:
        async with open_database(settings) as dsn:
            return await job(dsn)

    return asyncio.run(run())


def _schema(*, sandbox: bool) -> Schema:
    return "sandbox" if sandbox else "catalog"


async def _with(dsn: str, schema: Schema, job: Callable[[asyncpg.Connection], Any]) -> Any:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": schema})
    try:
        return await job(connection)
    finally:
        await connection.close()


async def _alone(dsn: str, schema: Schema, job: Callable[[asyncpg.Connection], Any]) -> Any:
    """While no import runs."""
    async with connected(dsn, schema) as connection:
        return await job(connection)


def _check(kind: str | None) -> None:
    if kind is not None and kind not in KINDS:
        raise Invalid(f"there is no kind {kind!r}; there are: {', '.join(KINDS)}", "kind")


def _line(merged: Merged) -> str:
    why = f", {merged.evidence}" if merged.evidence else ""
    return (
        f"{merged.id:8} {merged.kind} {merged.row} <- {merged.member} {merged.source} {merged.source_id}: "
        f"{REASONS[merged.reason]}{why}"
    )


@contextmanager
def _lines(path: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    if path is None:
        yield lambda _line: None
        return
    try:
        file: BinaryIO = path.open("wb")
    except OSError as error:
        raise Unavailable(f"the report cannot be written to {path}: {error.strerror}") from error
    with file:
        yield lambda line: _write(file, line)


def _write(file: BinaryIO, line: dict[str, Any]) -> None:
    file.write(orjson.dumps(line) + b"\n")


def _show(report: MergeReport, path: Path | None) -> None:
    show_merge_report(report, out)
    if path:
        out.print(f"Each merge and each conflict: {path}", highlight=False, soft_wrap=True)


def show_merge_report(report: MergeReport, console: Console) -> None:
    """What was merged and why, what came apart, and what was left because something spoke against it."""
    if report.dry_run:
        console.print("A dry run: nothing of this was kept.")
    for title, counter in (
        ("Looked at", report.looked_at),
        ("Merged into others", report.merged),
        ("Taken apart or put together otherwise", +report.parted),
        ("Left alone: evidence that something contradicts", report.conflicts),
    ):
        if counter:
            table = Table(title=title, title_justify="left", show_header=False, box=None)
            table.add_column(min_width=40)
            table.add_column(justify="right")
            for name, count in counter.most_common():
                table.add_row(name, f"{count:,}")
            console.print(table)
