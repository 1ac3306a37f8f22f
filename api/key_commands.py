"""`sonograph keys …`: API keys, for operators."""

from datetime import timedelta
from typing import Annotated

import asyncpg
import typer

from api.account_job import run, say, shown_time
from sonograph import clock
from sonograph.accounts import directory, keyring, scopes
from sonograph.accounts.plans import PlanTable
from sonograph.errors import NotFound

keys = typer.Typer(add_completion=False, no_args_is_help=True, help="API keys.")


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
        say(f"{key.id:6} {key.hint:16} {key.plan:8} {shown_time(key.last_used_at):16} {key.email} {limits} {key.name}")


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


def _all_or(limits: tuple[str, ...] | None) -> str:
    return "all" if limits is None else ",".join(limits)


async def _owner(pool: asyncpg.Pool, key_id: int) -> int:
    """The account of a key in force."""
    found = await directory.list_keys(pool, key_id=key_id)
    if not found:
        raise NotFound(f"There is no key {key_id} in force.")
    return found[0].account_id
