"""`sonograph accounts …` and `sonograph keys …`: accounts and their keys, for operators."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import asyncpg
import typer
from rich.console import Console

from api import logs
from api.pages import activity
from sonograph import clock
from sonograph.accounts import audit, departure, directory, keyring, scopes
from sonograph.accounts.billing import open_billing
from sonograph.accounts.keyring import Key
from sonograph.accounts.plans import PlanTable, load_plans
from sonograph.accounts.store import opened
from sonograph.engine import open_database
from sonograph.errors import NotFound
from sonograph.settings import Settings

T = TypeVar("T")

accounts = typer.Typer(no_args_is_help=True, help="Accounts.")
keys = typer.Typer(no_args_is_help=True, help="API keys.")
out, err = Console(), Console(stderr=True)

Email = Annotated[str, typer.Argument(help="E-mail of the account.")]


def run(job: Callable[[asyncpg.Pool, PlanTable], Awaitable[T]]) -> T:
    """Do a job on the database of the settings."""
    settings = Settings.read()
    logs.configure(settings)
    plans = load_plans(settings.plans_file)

    async def done() -> T:
        async with open_database(settings) as dsn, opened(dsn) as pool:
            return await job(pool, plans)

    return asyncio.run(done())


def say(text: str) -> None:
    """A line as it is: what people typed is not taken for markup."""
    out.print(text, highlight=False, soft_wrap=True, markup=False)


def _time(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _all_or(limits: tuple[str, ...] | None) -> str:
    return "all" if limits is None else ",".join(limits)


@accounts.command("list")
def list_accounts() -> None:
    """List accounts: number, plan, keys in force, last use of a key, e-mail."""
    for row in run(lambda pool, _: directory.list_accounts(pool)):
        notes = " (not verified)" * (row.email_verified_at is None) + " (reviewer)" * row.reviewer
        say(f"{row.id:6} {row.plan:8} {row.keys:3} {_time(row.last_used_at):16} {row.email}{notes}")


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
        ("created", _time(account.created_at)),
        ("verified", _time(account.email_verified_at)),
        ("password", "set" if account.has_password else "none: it is set by a link, from “Forgot the password?”"),
        ("reviewer", "yes" if account.reviewer else "no"),
    ):
        say(f"{name:9} {value}")
    for key in owned:
        if key.in_force:
            limits = [*(key.scopes or ()), *(key.networks or ())]
            ends = f", until {_time(key.expires_at)}" if key.expires_at else ""
            say(f"key {key.id:5} {key.hint:16} last used {_time(key.last_used_at)}{ends} {' '.join(limits)} {key.name}")


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


@keys.command("create")
def create_key(  # noqa: PLR0913, PLR0917  # each is an option of the command
    email: Annotated[str, typer.Option(help="Whose key; the account is made, verified, when it is new.")],
    plan: Annotated[str | None, typer.Option(help="Plan of a new account; one that exists keeps its own.")] = None,
    test: Annotated[bool, typer.Option("--test", help="A key that reads the sandbox catalog.")] = False,
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help=f"Limit it to this: {', '.join(scopes.SCOPES)}. May be repeated.")
    ] = None,
    network: Annotated[
        list[str] | None, typer.Option(help="Address or network that may use it. May be repeated.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it ends; unset: it does not.")] = None,
) -> None:
    """Make a key and print it, alone on the last line. It is shown this once."""

    async def job(pool: asyncpg.Pool, plans: PlanTable) -> str:
        account_id = await directory.ensure(pool, plans, email, plan)
        _, text = await keyring.create_key(
            pool,
            account_id,
            name=name,
            test=test,
            scopes=scope or None,
            networks=network or None,
            expires_at=None if days is None else clock.now() + timedelta(days=days),
        )
        return text

    typer.echo(run(job))


@keys.command("list")
def list_keys(email: Annotated[str | None, typer.Option(help="Of this account alone.")] = None) -> None:
    """List the keys in force with what they are limited to; their texts are not kept."""
    for key in run(lambda pool, _: directory.list_keys(pool, email)):
        limits = f"scopes {_all_or(key.scopes)}; networks {_all_or(key.networks)}"
        say(f"{key.id:6} {key.hint:16} {key.plan:8} {_time(key.last_used_at):16} {key.email} {limits} {key.name}")


KeyId = Annotated[int, typer.Argument(help="Number of the key, as `keys list` shows it.")]


@keys.command("revoke")
def revoke_key(key_id: KeyId) -> None:
    """Revoke a key."""

    async def job(pool: asyncpg.Pool, _: PlanTable) -> None:
        await keyring.revoke_key(pool, await _owner(pool, key_id), key_id)

    run(job)
    say("Revoked. It is refused everywhere within seconds.")


@keys.command("rotate")
def rotate_key(
    key_id: KeyId,
    overlap: Annotated[int, typer.Option(min=0, max=720, help="Hours for which the old key stays in force.")] = 24,
) -> None:
    """Replace a key by a new one like it, and print that, alone on the last line."""

    async def job(pool: asyncpg.Pool, _: PlanTable) -> str:
        made = await keyring.rotate_key(pool, await _owner(pool, key_id), key_id, overlap=timedelta(hours=overlap))
        return made[1]

    typer.echo(run(job))


async def _owner(pool: asyncpg.Pool, key_id: int) -> int:
    """The account of a key in force."""
    found = await directory.list_keys(pool, key_id=key_id)
    if not found:
        raise NotFound(f"There is no key {key_id} in force.")
    return found[0].account_id
