"""Index: the folders by which audio is recognised follow the references in the database, for both catalogs."""

import asyncio

from sonograph.engine import Engine
from sonograph.postgres.migrate import CATALOGS
from sonograph.recognition.index.follower import follow


async def run(engine: Engine, stop: asyncio.Event) -> None:
    """Follow until told to stop. Of several processes on one data folder one does, and another takes over from it."""
    await asyncio.gather(*(follow(engine.dsn, engine.settings.data_dir, catalog, stop) for catalog in CATALOGS))
