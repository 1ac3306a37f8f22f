"""`sonograph demo`, `serve` and `worker`: what runs until it is stopped."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from api import demo as demonstration
from api import logs
from api.serve import serve as run_server
from workers.run import LOOPS
from workers.run import run as run_workers

commands = typer.Typer(add_completion=False)


@commands.command()
def demo() -> None:
    """Start everything in one process, with the sandbox catalog and keys to try it with."""
    demonstration.run(logs.configured(), Console())


@commands.command()
def serve(
    workers: Annotated[
        list[str] | None, typer.Option(help=f"Run this loop inside, too: {', '.join(LOOPS)}. May be repeated.")
    ] = None,
) -> None:
    """Start the API."""
    run_server(logs.configured(), workers=workers)


@commands.command()
def worker(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help=f"Any of: {', '.join(LOOPS)}.")] = None,
) -> None:
    """Run the loops named, or all of them, until stopped."""
    asyncio.run(run_workers(logs.configured(), names or []))
