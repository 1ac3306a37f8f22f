"""What is on air is said when it changes, not when an airing is over: that takes much longer to be known."""

from datetime import datetime
from pathlib import Path

import asyncpg

from sonograph import clock
from sonograph.monitoring import lease_store
from sonograph.monitoring.facts import NOTHING
from sonograph.monitoring.keeping import Keeper
from sonograph.monitoring.lanes import Lanes
from sonograph.monitoring.outages import ERRORED_SECONDS
from sonograph.monitoring.play_history import on_air
from sonograph.monitoring.source.items import Item, Sound, Trouble
from sonograph.monitoring.tracks import Tracks
from sonograph.monitoring.vocabulary import RuntimeStatus
from sonograph.monitoring.watching import Left, Parts, Watch
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.sandbox.tunes import tunes
from tests.monitoring_hearing.shows import blocks, cut, rendered, talk
from tests.monitoring_worker import rows
from tests.monitoring_worker.process import setup

SONG, TALK = 24.0, 15.0  # seconds: an airing lasts for 20 s more at least, and here for as long as its song might go on


async def test_talk_and_trouble_are_said_while_the_airing_is_still_open(
    dsn: str, accounts: asyncpg.Pool, index_dir: Path
) -> None:
    owner, monitor = await rows.account(accounts), await lease_store.register(accounts, "tests", 10)
    number = await rows.stream(accounts, owner)
    await accounts.execute("update stream set monitor_id = $1", monitor)
    keeper, lanes = Keeper(accounts, lambda: monitor), Lanes(index_dir, 1)
    async with setup(dsn, index_dir, "", "tests") as given:
        parts = Parts(keeper, Tracks(given.live, given.sandbox), lanes)
        ((stream, _),) = await lease_store.load(accounts, monitor, [number])
        watch = Watch(stream, (), Left(), parts)  # never started: its items come from here
        at = clock.now().timestamp() - SONG - TALK

        async def takes(item: Item) -> datetime | None:
            """What stands in the row after it."""
            await watch._take(item)
            assert await keeper.flush()
            said: datetime | None = await accounts.fetchval("select on_air from stream")
            return said

        song = rendered(next(iter(tunes())), 60.0)
        for block in blocks(cut(song, 0.0, SONG)):
            said = await takes(Sound(at, block))
            at += len(block) / FINGERPRINT.rate
        play = await accounts.fetchrow("select started_at, ended_at from play")
        assert said == play["started_at"]
        assert (await on_air(accounts, [number]))[number].started_at == said

        for block in blocks(talk(TALK)):
            said = await takes(Sound(at, block))
            at += len(block) / FINGERPRINT.rate
        assert said == NOTHING
        assert await accounts.fetchval("select ended_at from play") is None
        assert await on_air(accounts, [number]) == {}

        for block in blocks(cut(song, SONG + TALK, 60.0)):  # it went on below the talk
            said = await takes(Sound(at, block))
            at += len(block) / FINGERPRINT.rate
        assert said == play["started_at"]

        assert await takes(Trouble(at, "It is gone.", 1.0)) == play["started_at"]  # stations break off every hour
        assert await takes(Trouble(at + ERRORED_SECONDS, "It is gone.", 1.0)) == NOTHING
        assert await accounts.fetchval("select runtime_status from stream") == RuntimeStatus.ERRORED
        assert await accounts.fetchval("select ended_at from play") is None
        await watch.stop()
    lanes.close()
