"""The engine: the database brought up and to date, and the pools that everything reads through."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from sonograph.accounts.plans import PlanTable, load_plans
from sonograph.catalog.reference import load_reference
from sonograph.catalog.sandbox.load import load_sandbox
from sonograph.egress.addresses import Network, parse_networks
from sonograph.errors import Misconfigured, Unavailable
from sonograph.monitoring.report.template import templates
from sonograph.postgres.embedded import EmbeddedPostgres
from sonograph.postgres.migrate import ACCOUNTS, CATALOGS, migrate
from sonograph.postgres.pool import Pool
from sonograph.recognition.sandbox.load import load_sandbox_references
from sonograph.settings import Settings

MINIMUM_VERSION = (15,)
CONNECT_SECONDS = 10.0
WRITE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Engine:
    """What a running process has: its settings, the database's URL, a pool for each catalog, and one for accounts.

    The pools of the catalogs are for reads and may lead to a replica; `accounts` leads to the database itself, with
    transactions, and the schema `accounts` as its search_path.
    """

    settings: Settings
    dsn: str
    live: Pool
    sandbox: Pool
    accounts: asyncpg.Pool
    plans: PlanTable  # what accounts may do
    allowed: tuple[Network, ...] = ()  # networks that are not public, and may be asked all the same

    def catalog(self, *, test: bool) -> Pool:
        """The catalog that a key reads: test keys the sandbox, live keys the real one."""
        return self.sandbox if test else self.live


def waiting_seconds(settings: Settings) -> int:
    """How long a start waits for the database. Not for the embedded one: that is started, and told of if it fails."""
    return settings.database_wait if settings.database_url else 0


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[str]:
    """The URL of a database, migrated and with what we ship in it: the one of the settings, or the embedded one.

    The embedded one runs while it is open, here or in another process on the same folder.
    """
    if settings.database_url:
        await _prepare(settings.database_url)
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(settings.data_dir / "postgres")
    try:
        await asyncio.to_thread(postgres.start)  # inside: interrupted here, stop() waits for the start and ends it
        await _prepare(postgres.dsn)
        yield postgres.dsn
    finally:
        await asyncio.to_thread(postgres.stop)


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[Engine]:
    """A prepared database with a pool of read connections for each catalog."""
    plans = load_plans(settings.plans_file)
    templates(settings.report_templates)  # a bad one is said at the start, not when somebody asks for a report
    allowed = parse_networks(settings.allow_private_addresses, "SONOGRAPH_ALLOW_PRIVATE_ADDRESSES")
    async with open_database(settings) as dsn:
        live, sandbox = (
            Pool(
                settings.read_database_url or dsn,
                catalog,
                size=settings.pool_size,
                statement_timeout_ms=settings.statement_timeout_ms,
            )
            for catalog in CATALOGS
        )
        try:
            await live.open()
            await sandbox.open()
            async with _accounts(settings, dsn) as accounts:
                yield Engine(settings, dsn, live, sandbox, accounts, plans, allowed)
        finally:
            await live.close()
            await sandbox.close()


def _accounts(settings: Settings, dsn: str) -> asyncpg.Pool:
    """Asyncpg's own pool: it resets connections, which transactions want and hot reads cannot afford."""
    return asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=settings.pool_size,
        timeout=CONNECT_SECONDS,
        command_timeout=WRITE_SECONDS,
        server_settings={
            "search_path": ACCOUNTS,
            "timezone": "UTC",
            "application_name": "sonograph accounts",
            "jit": "off",
        },
    )


async def _prepare(dsn: str) -> None:
    """Schemas up to date, reference data and sandbox filled: nothing to do but a few reads at most starts."""
    connection = await _connect(dsn, "public")
    try:
        if connection.get_server_version() < MINIMUM_VERSION:
            version = ".".join(str(part) for part in connection.get_server_version()[:2])
            raise Misconfigured(f"PostgreSQL 15 or later is needed, this server is {version}.")
    finally:
        await connection.close()
    await migrate(dsn)
    for catalog, fills in zip(CATALOGS, ((load_reference,), (load_sandbox, load_sandbox_references)), strict=True):
        connection = await _connect(dsn, catalog)
        try:
            for fill in fills:
                await fill(connection)
        finally:
            await connection.close()


async def _connect(dsn: str, search_path: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(dsn, server_settings={"search_path": search_path}, timeout=CONNECT_SECONDS)
    except ValueError as error:
        raise Misconfigured(f"SONOGRAPH_DATABASE_URL is no PostgreSQL URL: {error}") from error
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise Misconfigured(f"The database does not let us in: {error}") from error
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise Unavailable(f"The database cannot be reached: {error}") from error
