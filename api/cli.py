"""The `sonograph` command: its commands, each in a module that is loaded when it is asked for.

All of them together take 2 s of CPU to load (GraphQL, Tortoise, redis), where `sonograph --help` takes 0.4 s. This is
the one place where the project loads its modules late.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from api.entry import loading
from sonograph.errors import SonographError

# Name → where its typer.Typer stands, and what the list says of it; a test compares that with what the command says.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": (
        "api.service_commands:commands",
        "Start everything in one process, with the sandbox catalog and keys to try it with.",
    ),
    "serve": ("api.service_commands:commands", "Start the API."),
    "worker": ("api.service_commands:commands", "Run the loops named, or all of them, until stopped."),
    "import": (
        "api.import_command:commands",
        "Import files into the catalog. What was imported before is not imported twice; what was stopped goes on.",
    ),
    "identify": ("api.identify_command:commands", "Say which tracks of the catalog are heard in files, and where."),
    "migrate": ("api.upkeep_commands:commands", "Bring the database's schema up to date; `serve` does so, too."),
    "doctor": ("api.upkeep_commands:commands", "Check every part, and say what is wrong."),
    "settings": ("api.upkeep_commands:commands", "List every setting with its default."),
    "schema": ("api.document_commands:commands", "Print the GraphQL schema."),
    "openapi": ("api.document_commands:commands", "Print the OpenAPI document of /v1."),
    "accounts": ("api.account_commands:accounts", "Accounts."),
    "keys": ("api.key_commands:keys", "API keys."),
    "catalog": ("api.catalog_commands:catalog", "The catalog as a whole."),
    "index": ("api.index_commands:index", "The index by which audio is recognised, on this machine."),
    "suggestions": ("api.suggestion_commands:suggestions", "Genre suggestions, and their review."),
}


def load(name: str) -> Any:
    """The command of this name, with all that it imports."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    with loading():
        command = typer.main.get_command(getattr(import_module(module), attribute))
    # A Typer without a group's own words holds several commands of the first level, or is the only one that it holds.
    return command.commands.get(name, command) if isinstance(command, TyperGroup) else command


class Commands(TyperGroup):
    """Commands that are loaded when one is run: until then a name and a sentence stand for each."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and name in COMMANDS else command, rest


def _stand_in() -> None:
    """In the place of a command that is not loaded; never called."""


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Self-hosted music metadata, audio recognition and radio monitoring API.",
)
for _name, (_, _sentence) in COMMANDS.items():
    app.command(_name, help=_sentence)(_stand_in)


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
        Console(stderr=True).print(f"sonograph: {error.message}", highlight=False, soft_wrap=True, markup=False)
        raise SystemExit(1) from None
