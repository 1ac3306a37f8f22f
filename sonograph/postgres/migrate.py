"""Bring a database up to date: three schemas, Tortoise's migrations in each, one process at a time."""

import logging
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api import migrate as apply_migrations

from sonograph.errors import Misconfigured

CATALOGS = ("catalog", "sandbox")  # live keys read the first, test keys the second; the tables are the same
ACCOUNTS = "accounts"
LOCK = 0x534F4E4F  # any constant will do, it only must be ours
LOCK_TIMEOUT_MS = 300_000
EXTENSION = "fuzzystrmatch"

_log = logging.getLogger(__name__)

_APPS = {
    "catalog": {
        "models": ["sonograph.catalog.tables"],
        "migrations": "sonograph.postgres.migrations.catalog",
        "default_connection": "default",
    },
    "accounts": {
        "models": ["sonograph.accounts.tables"],
        "migrations": "sonograph.postgres.migrations.accounts",
        "default_connection": "default",
    },
}


def tortoise_config(dsn: str, schema: str, app: str) -> dict[str, object]:
    """A Tortoise configuration of one app whose tables stand in one schema."""

    async def connect(_dsn: None, **options: Any) -> asyncpg.Connection:
        # Tortoise knows host, port and so on, but no URL; asyncpg reads URLs, so it gets ours in their place.
        for part in ("host", "port", "user", "password", "database"):
            options.pop(part, None)
        return await asyncpg.connect(dsn, **options)

    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {"connect": connect, "schema": schema, "minsize": 1, "maxsize": 2},
            }
        },
        "apps": {app: _APPS[app]},
        "use_tz": True,
        "timezone": "UTC",
    }


async def migrate(dsn: str) -> list[str]:
    """Apply what is missing and return its names ("schema: migration"). Safe to call from many processes at once."""
    applied: list[str] = []
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        extension = await _install(connection)
        for schema in (*CATALOGS, ACCOUNTS):
            app = ACCOUNTS if schema == ACCOUNTS else "catalog"
            await connection.execute(f"create schema if not exists {schema}")
            if schema in CATALOGS:
                await connection.execute(_edit_distance(schema, extension))

            def note(event: str, _app: str, name: str, schema: str = schema) -> None:
                if event == "apply_done":
                    applied.append(f"{schema}: {name}")
                    _log.info("migrated %s: %s", schema, name)

            try:
                await apply_migrations(config=tortoise_config(dsn, schema, app), progress=note)
            finally:
                await Tortoise.close_connections()
    finally:
        await connection.close()  # a session-level lock ends with its session
    return applied


async def _install(connection: asyncpg.Connection) -> str:
    """Name, quoted, of the schema of the extension that searches measure typing errors with; contrib has it."""
    where = "select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace "
    where += "where e.extname = $1"
    found: str | None = await connection.fetchval(where, EXTENSION)
    if found:
        return found
    try:
        await connection.execute(f"create extension if not exists {EXTENSION} schema public")
    except asyncpg.PostgresError as error:
        raise Misconfigured(
            f"The database has no extension {EXTENSION} and refuses to make it ({error}). Install PostgreSQL's contrib "
            f"package on the server, or let an administrator run: create extension {EXTENSION} schema public"
        ) from error
    return "public"


def _edit_distance(schema: str, extension: str) -> str:
    """A name for the function that does not depend on where an administrator put the extension."""
    return (
        f"create or replace function {schema}.edit_distance(text, text, int) returns int "
        f"language sql immutable strict parallel safe as "
        f"$$ select {extension}.levenshtein_less_equal($1, $2, $3) $$"
    )
