"""What is remembered of references, and what whoever takes a stream over is given."""

from collections.abc import Mapping, Sequence

import asyncpg
import pytest

from sonograph.catalog.vocabulary import ArtistRole
from sonograph.errors import Unavailable
from sonograph.monitoring import lease_store
from sonograph.monitoring.calibration import TrackName
from sonograph.monitoring.facts import Condition
from sonograph.monitoring.keeping import Keeper
from sonograph.monitoring.tracks import AGAIN_SECONDS, KNOWN_SECONDS, Remembered, Tracks
from sonograph.postgres.pool import Pool
from tests.monitoring_worker import rows


async def test_references_are_asked_for_once_in_a_while_and_known_ones_survive_an_outage() -> None:
    asked: list[list[int]] = []
    now, away = [0.0], [False]

    async def read(numbers: Sequence[int]) -> Mapping[int, int]:
        if away[0]:
            raise Unavailable("The database cannot be reached.")
        asked.append(sorted(numbers))
        return {number: number * 10 for number in numbers if number < 100}

    known = Remembered(read, lambda: now[0])
    assert await known.of([1, 2, 100]) == {1: 10, 2: 20}
    assert await known.of([2, 100, 3]) == {2: 20, 3: 30}
    assert asked == [[1, 2, 100], [3]]
    now[0] += KNOWN_SECONDS + 1
    away[0] = True
    assert await known.of([1, 100]) == {1: 10}
    with pytest.raises(Unavailable):
        await known.of([1, 4])
    away[0] = False
    now[0] += AGAIN_SECONDS - 0.1
    with pytest.raises(Unavailable):
        await known.of([4])  # not asked for: a hundred streams would ask again and again
    assert await known.of([1]) == {1: 10}
    assert asked[2:] == []
    now[0] += 0.2
    assert await known.of([1]) == {1: 10}
    assert asked[2:] == [[1]]


async def test_tracks_of_references_and_their_names_are_those_of_the_catalog(dsn: str, accounts: asyncpg.Pool) -> None:
    live, sandbox = (Pool(dsn, catalog, size=1, statement_timeout_ms=5000) for catalog in ("catalog", "sandbox"))
    tracks = Tracks(live, sandbox)
    row = await accounts.fetchrow(
        "select r.id, r.track_id, t.title, array_agg(a.name order by c.position) as artists "
        "from sandbox.audio_reference r join sandbox.track t on t.id = r.track_id "
        "join sandbox.track_artist c on c.track_id = t.id and c.role = $1 "
        "join sandbox.artist a on a.id = c.artist_id group by r.id, r.track_id, t.title order by r.id limit 1",
        ArtistRole.PRIMARY.value,
    )
    assert await tracks.of([row["id"], 0], test=True) == {row["id"]: row["track_id"]}
    assert await tracks.of([row["id"]], test=False) == {}
    assert await tracks.names([row["track_id"]], test=True) == {
        row["track_id"]: TrackName(tuple(row["artists"]), row["title"])
    }
    for pool in (live, sandbox):
        await pool.close()


async def test_what_was_learnt_is_there_for_who_takes_the_stream_over(accounts: asyncpg.Pool) -> None:
    owner, monitor = await rows.account(accounts), await lease_store.register(accounts, "tests", 10)
    number = await rows.stream(accounts, owner)
    await accounts.execute("update stream set monitor_id = $1", monitor)
    keeper = Keeper(accounts, lambda: monitor)
    keeper.condition(number, Condition(tuning='{"version": 1, "sure": [3, 4]}', airing='{"reference": 5}'))
    assert await keeper.flush()
    ((stream, airing),) = await lease_store.load(accounts, monitor, [number])
    assert stream.tuning == {"version": 1, "sure": [3, 4]}
    assert airing == '{"reference": 5}'
    assert await lease_store.load(accounts, monitor + 1, [number]) == []
