"""`sonograph doctor`: check every part and say what is wrong."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import asyncpg

from api.doctor_settings import LOOKS, Look
from api.pages import assets
from schema.build import build
from schema.projection.check import check
from sonograph.engine import open_database
from sonograph.errors import SonographError
from sonograph.monitoring import lease_store
from sonograph.monitoring.leases import DEAD_SECONDS
from sonograph.postgres.migrate import CATALOGS
from sonograph.settings import Settings

LOW_DISK = 1 << 30  # bytes: an import of a few hundred thousand tracks


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    ok: bool
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """Every part, in the order in which they depend on each other."""
    findings = [_disk(settings), _pages(), *[await _setting(part, look, settings) for part, look in LOOKS]]
    try:
        async with open_database(settings) as dsn:
            findings.append(await _guard("database", _database, dsn))
            findings.append(await _guard("declarations", _declarations, dsn))
            findings.append(await _guard("monitors", _monitors, dsn))
            findings += [await _guard(catalog, _catalog(catalog), dsn) for catalog in CATALOGS]
    except SonographError as error:
        findings.append(Finding("database", ok=False, text=error.message))
    return findings


async def _guard(part: str, look: Callable[[str], Awaitable[Finding]], dsn: str) -> Finding:
    try:
        return await look(dsn)
    except (SonographError, asyncpg.PostgresError, OSError) as error:
        return Finding(part, ok=False, text=str(error))


async def _setting(part: str, look: Look, settings: Settings) -> Finding:
    try:
        return Finding(part, ok=True, text=await look(settings))
    except (SonographError, OSError, ValueError) as error:
        return Finding(part, ok=False, text=str(error) or type(error).__name__)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding("data folder", ok=free > LOW_DISK, text=f"{settings.data_dir.absolute()}, {free / 1e9:.1f} GB free")


def _pages() -> Finding:
    installed = assets.all_installed(assets.pinned().values(), assets.PACKAGES)
    text = "scripts are installed" if installed else "scripts come from a CDN; `make assets` installs them here"
    return Finding("explorers", ok=True, text=text)


async def _database(dsn: str) -> Finding:
    connection = await asyncpg.connect(dsn)
    try:
        text = await connection.fetchval("select version()")
        ctype, encoding = await connection.fetchrow(
            "select datctype, pg_encoding_to_char(encoding) from pg_database where datname = current_database()"
        )
    finally:
        await connection.close()
    if encoding != "UTF8" or ctype in ("C", "POSIX"):
        # With those, PostgreSQL takes only ASCII for letters: names in other scripts are not found by parts.
        return Finding("database", ok=False, text=f"encoding {encoding}, ctype {ctype}: needs UTF8 and a UTF-8 ctype")
    return Finding("database", ok=True, text=str(text))


async def _declarations(dsn: str) -> Finding:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": CATALOGS[0]})
    try:
        faults = await check(build()._schema, connection)  # noqa: SLF001  # Strawberry has no public name for it
    finally:
        await connection.close()
    return Finding("declarations", ok=not faults, text="; ".join(faults) or "fit the database")


async def _monitors(dsn: str) -> Finding:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "accounts"})
    try:
        return await monitors(connection)
    finally:
        await connection.close()


async def monitors(connection: Any) -> Finding:
    """Who watches streams, and whether there are some that nobody watches."""
    found = await lease_store.standing(connection, DEAD_SECONDS)
    if found["monitors"]:
        text = f"{found['monitors']} running"
    elif found["last_seen"] is None:
        text = "none is running"
    else:
        text = f"none is running; the last one was seen at {found['last_seen'].astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    text += f"; active streams: {found['streams']:,}"
    if found["unwatched"]:
        text += f", of which {found['unwatched']:,} are watched by nobody"
    return Finding("monitors", ok=not found["unwatched"], text=text)


def _catalog(catalog: str) -> Callable[[str], Awaitable[Finding]]:
    async def look(dsn: str) -> Finding:
        connection = await asyncpg.connect(dsn, server_settings={"search_path": catalog})
        try:
            tracks = await connection.fetchval("select count(*) from track")
            releases = await connection.fetchval("select count(*) from release")
        finally:
            await connection.close()
        return Finding(f"catalog {catalog!r}", ok=True, text=f"{tracks:,} tracks on {releases:,} releases")

    return look
