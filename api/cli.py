"""The `sonograph` command."""

import asyncio
import sys
from collections.abc import Coroutine
from difflib import unified_diff
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from api import demo as demonstration
from api import logs
from api.account_commands import accounts, keys
from api.catalog_commands import catalog, merge_sources, show_merge_report
from api.doctor import examine
from api.import_progress import EXAMPLES, show_import, show_report, show_verdict
from api.plan_commands import commands as plan_commands
from api.serve import serve as run_server
from api.suggestion_commands import suggestions
from compat_rest.v1.openapi import render as render_openapi
from schema.build import build
from sonograph.catalog.importers.report import Report
from sonograph.catalog.importers.run import Schema, run_import
from sonograph.catalog.importers.sources import KINDS
from sonograph.catalog.merging.report import MergeReport
from sonograph.engine import open_database
from sonograph.errors import Invalid, SonographError
from sonograph.settings import Settings, described
from workers.run import LOOPS
from workers.run import run as run_workers

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Self-hosted music metadata, audio recognition and radio monitoring API.",
)
accounts.add_typer(plan_commands)
app.add_typer(accounts, name="accounts")
app.add_typer(keys, name="keys")
app.add_typer(catalog, name="catalog")
app.add_typer(suggestions, name="suggestions")
out, err = Console(), Console(stderr=True)


def _settings() -> Settings:
    settings = Settings.read()
    logs.configure(settings)
    return settings


def _run(job: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(job)


@app.command()
def demo() -> None:
    """Start everything in one process, with the sandbox catalog and keys to try it with."""
    demonstration.run(_settings(), out)


@app.command()
def serve(
    workers: Annotated[
        list[str] | None, typer.Option(help=f"Run this loop inside, too: {', '.join(LOOPS)}. May be repeated.")
    ] = None,
) -> None:
    """Start the API."""
    run_server(_settings(), workers=workers)


@app.command()
def worker(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help=f"Any of: {', '.join(LOOPS)}.")] = None,
) -> None:
    """Run the loops named, or all of them, until stopped."""
    _run(run_workers(_settings(), names or []))


@app.command("import", epilog=EXAMPLES)
def import_files(  # noqa: PLR0913, PLR0917  # each is an argument or option of the command
    kind: Annotated[str, typer.Argument(help=f"What the files are: {', '.join(KINDS)}.")],
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, plain or compressed.")],
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
) -> None:
    """Import files into the catalog. What was imported before is not imported twice; what was stopped goes on."""
    if "" in paths:
        raise Invalid("the name of a file is empty", "paths")
    settings = _settings()
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
                )
            return None if no_merge or dry_run or report.empty else await merge_sources(dsn, schema)

    merged = None
    try:
        merged = _run(job())
    finally:  # an error in a later file, or Ctrl-C, takes nothing back of what is committed
        if report.files:
            show_report(report, out)
    if merged:
        show_merge_report(merged, out)
    if show_verdict(kind, report, err):
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date; `serve` does so, too."""

    async def job() -> None:
        async with open_database(_settings()):
            out.print("The database is up to date.")

    _run(job())


@app.command()
def doctor() -> None:
    """Check every part, and say what is wrong."""
    findings = _run(examine(_settings()))
    for finding in findings:
        out.print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.part}: {finding.text}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(f.ok for f in findings) else 1)


@app.command()
def settings() -> None:
    """List every setting with its default."""
    for name, default, sentence in described():
        out.print(f"{name}={default}\n    {sentence}", highlight=False, soft_wrap=True)


@app.command()
def schema(
    check: Annotated[bool, typer.Option(help="Compare with schema.graphql instead of printing.")] = False,
) -> None:
    """Print the GraphQL schema."""
    _print_or_check(str(build()) + "\n", ROOT / "schema.graphql", check=check)


@app.command()
def openapi(
    check: Annotated[bool, typer.Option(help="Compare with openapi.json instead of printing.")] = False,
) -> None:
    """Print the OpenAPI document of /v1."""
    _print_or_check(render_openapi(), ROOT / "openapi.json", check=check)


def _print_or_check(text: str, path: Path, *, check: bool) -> None:
    if not check:
        sys.stdout.write(text)
        return
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    if committed != text:
        diff = unified_diff(
            committed.splitlines(), text.splitlines(), f"{path.name} (committed)", path.name, lineterm=""
        )
        typer.echo("\n".join(diff))
        raise typer.Exit(1)


def _show_version(value: bool) -> None:  # noqa: FBT001  # typer's interface
    if value:
        typer.echo(version("sonograph"))
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Settings are environment variables: `sonograph settings` lists them."""


def main() -> None:
    """Run the command; errors that are answers are printed without a traceback, and end with status 1."""
    try:
        app()
    except SonographError as error:
        err.print(f"sonograph: {error.message}", highlight=False, soft_wrap=True, markup=False)
        raise SystemExit(1) from None
