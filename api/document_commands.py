"""`sonograph schema` and `openapi`: the documents of the interfaces, printed or compared with those committed."""

import sys
from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from compat_rest.v1.openapi import render as render_openapi
from schema.build import build

ROOT = Path(__file__).resolve().parent.parent

commands = typer.Typer(add_completion=False)


@commands.command()
def schema(
    check: Annotated[bool, typer.Option(help="Compare with schema.graphql instead of printing.")] = False,
) -> None:
    """Print the GraphQL schema."""
    _print_or_check(str(build()) + "\n", ROOT / "schema.graphql", check=check)


@commands.command()
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
