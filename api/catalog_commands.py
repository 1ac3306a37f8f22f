"""`sonograph catalog …`: what the catalog holds, and how its sources were made one."""

import typer

catalog = typer.Typer(no_args_is_help=True, help="The catalog as a whole.")


@catalog.callback()
def options() -> None:
    """The catalog as a whole."""
