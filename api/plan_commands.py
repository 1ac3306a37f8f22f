"""`sonograph accounts set-plan` and `grant-streams`: what an account may do, for operators."""

from typing import Annotated

import typer

from api.account_job import Email, run, say
from sonograph.accounts import plan_changes
from sonograph.accounts.entitlements import Preview

commands = typer.Typer()


@commands.command("set-plan")
def set_plan(email: Email, plan: Annotated[str, typer.Argument(help="A plan of the table.")]) -> None:
    """Give an account another plan. It is in force at once."""
    old, new = run(lambda pool, plans: plan_changes.set_plan(pool, plans, email, plan))
    say(f"It has the plan {new} already." if old == new else f"Plan {new}, was {old}.")


@commands.command("grant-streams")
def grant_streams(
    email: Email, streams: Annotated[int, typer.Argument(min=0, help="How many streams, those it has included.")]
) -> None:
    """Let an account watch so many streams; fewer from the month's end on. Prints the month's invoice as it stands."""
    show(run(lambda pool, _: plan_changes.grant_streams(pool, email, streams)))


def show(preview: Preview) -> None:
    """An invoice, a line a charge."""
    for line in preview.lines:
        say(f"{line.at:%Y-%m-%d} {line.amount_cents / 100:10.2f}  {line.description}")
    say(f"This month {preview.total_cents / 100:.2f} euros, the next one {preview.next_cents / 100:.2f}.")
