"""`sonograph migrate`, `doctor` and `settings`: what looks after an installation."""

import asyncio

import typer
from rich.console import Console

from api import logs
from api.doctor import examine
from sonograph.engine import open_database
from sonograph.settings import described

commands = typer.Typer(add_completion=False)
out = Console()


@commands.command()
def migrate() -> None:
    """Bring the database's schema up to date; `serve` does so, too."""

    async def job() -> None:
        async with open_database(logs.configured()):
            out.print("The database is up to date.")

    asyncio.run(job())


@commands.command()
def doctor() -> None:
    """Check every part, and say what is wrong."""
    findings = asyncio.run(examine(logs.configured()))
    for finding in findings:
        out.print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.part}: {finding.text}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(f.ok for f in findings) else 1)


@commands.command()
def settings() -> None:
    """List every setting with its default."""
    for name, default, sentence in described():
        out.print(f"{name}={default}\n    {sentence}", highlight=False, soft_wrap=True)
