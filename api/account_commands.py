"""`sonograph accounts …`: accounts, for operators."""

import sys
from typing import Annotated

import asyncpg
import typer

from api.account_job import Email, run, say, shown_time
from api.pages import activity
from api.plan_commands import commands as plan_commands
from sonograph.accounts import audit, departure, directory, keyring
from sonograph.accounts.billing import open_billing
from sonograph.accounts.keyring import Key
from sonograph.accounts.plans import PlanTable
from sonograph.settings import Settings

accounts = typer.Typer(add_completion=False, no_args_is_help=True, help="Accounts.")
accounts.add_typer(plan_commands)


@accounts.command("list")
def list_accounts() -> None:
    """List accounts: number, plan, keys in force, last use of a key, e-mail."""
    for row in run(lambda pool, _: directory.list_accounts(pool)):
        notes = " (not verified)" * (row.email_verified_at is None) + " (reviewer)" * row.reviewer
        say(f"{row.id:6} {row.plan:8} {row.keys:3} {shown_time(row.last_used_at):16} {row.email}{notes}")


@accounts.command("show")
def show_account(email: Email) -> None:
    """Show an account and its keys in force."""

    async def job(pool: asyncpg.Pool, plans: PlanTable) -> tuple[directory.AccountRow, list[Key], str]:
        account = await directory.find(pool, email)
        return account, await keyring.list_keys(pool, account.id), plans.of(account.plan).name

    account, owned, plan = run(job)
    for name, value in (
        ("number", account.id),
        ("e-mail", account.email),
        ("name", account.name),
        ("plan", plan if plan == account.plan else f"{plan}, because there is no plan {account.plan} any more"),
        ("created", shown_time(account.created_at)),
        ("verified", shown_time(account.email_verified_at)),
        ("password", "set" if account.has_password else "none: it is set by a link, from “Forgot the password?”"),
        ("reviewer", "yes" if account.reviewer else "no"),
    ):
        say(f"{name:9} {value}")
    for key in owned:
        if key.in_force:
            limits = [*(key.scopes or ()), *(key.networks or ())]
            ends = f", until {shown_time(key.expires_at)}" if key.expires_at else ""
            used = shown_time(key.last_used_at)
            say(f"key {key.id:5} {key.hint:16} last used {used}{ends} {' '.join(limits)} {key.name}")


@accounts.command("create")
def create_account(
    email: Email,
    plan: Annotated[str, typer.Option(help="Its plan.")] = "free",
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Its keys are refused until it is verified.")
    ] = False,
) -> None:
    """Make an account. Its holder sets a password by a link, from “Forgot the password?” on the sign-in page."""
    number = run(lambda pool, plans: directory.create(pool, plans, email, plan, verified=not unverified))
    say(f"Account {number}.")


@accounts.command("verify")
def verify_account(email: Email) -> None:
    """Take an account's e-mail for confirmed."""
    changed = run(lambda pool, _: directory.verify(pool, email))
    say("Verified." if changed else "It was verified already.")


@accounts.command("delete")
def delete_account(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete an account with its keys, its usage and its audit log."""

    async def job(pool: asyncpg.Pool, _: PlanTable) -> None:
        account = await directory.find(pool, email)
        if not yes:
            typer.confirm(f"Delete {account.email} (plan {account.plan}, {account.keys} keys in force)?", abort=True)
        billing = open_billing(Settings.read(), pool)
        try:
            await directory.delete(pool, billing, email)
        finally:
            await billing.close()

    run(job)
    say("Deleted.")


@accounts.command("set-reviewer")
def set_reviewer(
    email: Email,
    off: Annotated[bool, typer.Option("--off", help="Not any more.")] = False,
) -> None:
    """Let an account's holder decide about genre suggestions."""
    changed = run(lambda pool, _: directory.set_reviewer(pool, email, reviewer=not off))
    say("Done; they have to sign in again." if changed else "It was so already.")


@accounts.command("audit")
def show_audit(
    email: Email, first: Annotated[int, typer.Option(min=1, max=audit.MAX_ENTRIES, help="How many lines.")] = 50
) -> None:
    """Show what happened to an account, newest first: when, what, from where."""

    async def job(pool: asyncpg.Pool, _: PlanTable) -> list[audit.Entry]:
        return await audit.entries(pool, (await directory.find(pool, email)).id, first)

    for entry in run(job):
        about = ": ".join(filter(None, (activity.words(entry), activity.detail(entry))))
        say(f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.action:24} {entry.address or 'operator'} {about}")


@accounts.command("export")
def export_account(email: Email) -> None:
    """Print everything held about an account, as JSON."""

    async def job(pool: asyncpg.Pool, _: PlanTable) -> None:
        account = await directory.find(pool, email)
        async for piece in departure.export(pool, account.id, address=None):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.write(b"\n")

    run(job)
