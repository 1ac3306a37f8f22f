"""`sonograph index`: the index by which audio is recognised, on this machine."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from api import logs
from api.data_folder import check_data
from api.import_progress import PLAIN_SECONDS
from sonograph.engine import open_database
from sonograph.recognition.index import rebuilding, status

index = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The index by which audio is recognised, on this machine."
)
out, err = Console(), Console(stderr=True)
Sandbox = Annotated[bool, typer.Option("--sandbox", help="Of the catalog that test keys read.")]


@index.callback()
def options() -> None:
    """The index by which audio is recognised, on this machine."""


@index.command()
def rebuild(sandbox: Sandbox = False) -> None:
    """Build it anew from the database; what is there answers until the new one takes its place."""
    settings = logs.configured()
    check_data(settings)

    async def job() -> None:
        async with open_database(settings) as dsn:
            with _shown(err) as tell:
                await rebuilding.rebuild(dsn, settings.data_dir, _schema(sandbox=sandbox), tell)

    asyncio.run(job())
    out.print("The new index is in use.")


@index.command("status")
def show_status(sandbox: Sandbox = False) -> None:
    """Say what it holds, and how far it is behind the database."""
    settings = logs.configured()
    check_data(settings)

    async def job() -> list[status.Status]:
        async with open_database(settings) as dsn:
            return await status.status(dsn, settings.data_dir, _schema(sandbox=sandbox))

    found = asyncio.run(job())
    table = Table("", "in the database", "in the index", "changes behind", "segments", "bytes", box=None)
    for one in found:
        behind = "all: not of this database" if one.behind is None else f"{one.behind:,}"
        numbers = (f"{one.stored:,}", f"{one.indexed:,}", behind, f"{one.segments:,}", f"{one.bytes:,}")
        table.add_row(one.kind, *numbers)
    out.print(table)
    followed = any(one.followed for one in found)
    out.print(f"{'A' if followed else 'No'} process on this data folder keeps it up to date.", highlight=False)


def _schema(*, sandbox: bool) -> str:
    return "sandbox" if sandbox else "catalog"


@contextmanager
def _shown(console: Console) -> Iterator[Callable[[rebuilding.Step], None]]:
    """Bars, or a line now and then where there is no terminal."""
    if not console.is_terminal:
        yield _plain(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: rebuilding.Step) -> None:
            if step.kind not in tasks:
                tasks[step.kind] = bars.add_task(step.kind, said="")
            bars.update(tasks[step.kind], total=step.total, completed=step.read, said=_said(step))

        yield tell


def _plain(console: Console) -> Callable[[rebuilding.Step], None]:
    last: dict[str, float] = {}

    def tell(step: rebuilding.Step) -> None:
        if step.built or monotonic() - last.setdefault(step.kind, monotonic()) > PLAIN_SECONDS:
            last[step.kind] = monotonic()
            console.print(f"{step.kind}: {_said(step)}", highlight=False, soft_wrap=True)

    return tell


def _said(step: rebuilding.Step) -> str:
    if step.built:
        return f"{step.total:,} references, {step.seconds:.0f} s"
    if step.read == step.total:
        return f"{step.total:,} read, sorting"
    left = f", {step.seconds_left:.0f} s left to read" if step.seconds_left is not None else ""
    return f"{step.read:,} of {step.total:,} read, {step.a_second:,.0f} a second{left}"
