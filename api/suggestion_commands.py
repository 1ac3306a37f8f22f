"""`sonograph suggestions …`: genre suggestions, reviewed by whoever runs the service."""

import asyncio
import getpass
from typing import Annotated, Any

import typer
from rich.console import Console

from api import logs
from schema.build import build
from schema.documents import document
from schema.projection.lanes import executed
from schema.projection.plans import Plans
from schema.resolvers import suggestions as resolvers
from schema.resolvers.services import Services
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine, open_engine
from sonograph.errors import SonographError

AT_ONCE = 100

suggestions = typer.Typer(add_completion=False, no_args_is_help=True, help="Genre suggestions, and their review.")
out = Console()

Sandbox = Annotated[bool, typer.Option("--sandbox", help="Those for tracks of the sandbox.")]
OfSandbox = Annotated[bool, typer.Option("--sandbox", help="Only if it is for a track of the sandbox.")]
Number = Annotated[int, typer.Argument(help="Number of the suggestion, as `suggestions list` shows it.")]


@suggestions.command("list")
def list_suggestions(sandbox: Sandbox = False) -> None:
    """List what waits for a review, oldest first, at most 100."""

    async def job() -> list[dict[str, Any]]:
        async with open_engine(logs.configured()) as engine:
            return await waiting(engine, test=sandbox)

    found = asyncio.run(job())
    for row in found:
        track, genre = (
            row["track"] or {"artistCredit": "?", "title": "not in the catalog"},
            row["genre"] or {"name": "?"},
        )
        line = f"{row['databaseId']:6} {genre['name']} for {track['artistCredit']} - {track['title']}"
        out.print(line + (f" ({row['note']})" if row["note"] else ""), highlight=False, soft_wrap=True, markup=False)
    if not found:
        out.print("Nothing waits for a review.")


@suggestions.command()
def approve(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER…", help="As `suggestions list` shows them.")],
    sandbox: OfSandbox = False,
) -> None:
    """Give tracks the genres suggested, whatever imports say later."""

    async def job() -> None:
        async with open_engine(logs.configured()) as engine:
            for number in numbers:
                await resolvers.approve(engine, number, reviewer(), test=sandbox or None)
                out.print(f"{number}: approved", highlight=False)

    asyncio.run(job())


@suggestions.command()
def reject(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why, for whoever suggested it.")],
    sandbox: OfSandbox = False,
) -> None:
    """Turn a suggestion down."""

    async def job() -> None:
        async with open_engine(logs.configured()) as engine:
            await resolvers.reject(engine, number, reviewer(), reason, test=sandbox or None)

    asyncio.run(job())
    out.print(f"{number}: rejected", highlight=False)


def reviewer() -> str:
    """Who reviews, as the suggestion keeps it: the user of the machine."""
    try:
        return f"operator {getpass.getuser()}"
    except (OSError, KeyError):  # a container's user may have no name
        return "operator"


async def waiting(engine: Engine, *, test: bool) -> list[dict[str, Any]]:
    """Suggestions that wait for a review, with track and genre as GraphQL shows them."""
    plan = Plans(build()).get(document("commands", "SuggestionsToReview"))
    operator = Principal(0, 0, plan="", test=test, email_verified=True, reviewer=True)
    pool = engine.catalog(test=test)
    answer = await executed(plan, pool.value, {"first": AT_ONCE}, viewer=operator, services=Services(engine))
    if "errors" in answer:
        raise SonographError(answer["errors"][0]["message"])
    nodes: list[dict[str, Any]] = answer["data"]["viewer"]["suggestionsToReview"]["nodes"]
    return nodes
