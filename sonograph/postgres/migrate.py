"""Bring a database up to date: three schemas, Tortoise's migrations in each, one process at a time."""

import logging
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api import migrate as apply_migrations

CATALOGS = ("catalog", "sandbox")  # live keys read the first, test keys the second; the tables are the same
ACCOUNTS = "accounts"
LOCK = 0x534F4E4F  # any constant will do, it only must be ours
LOCK_TIMEOUT_MS = 300_000

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
        for schema in (*CATALOGS, ACCOUNTS):
            app = ACCOUNTS if schema == ACCOUNTS else "catalog"
            await connection.execute(f"create schema if not exists {schema}")

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
