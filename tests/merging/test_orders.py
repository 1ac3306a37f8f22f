"""The merged catalog is the same whatever the order of imports and passes, and comes apart exactly as it was."""

import os
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    GroupRecord,
    Link,
    RedirectRecord,
    Ref,
    Same,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.catalog.writer import write_records
from sonograph.catalog.writer.merged_again import dissolve_tracks
from sonograph.catalog.writer.merged_references import part_named
from sonograph.catalog.writer.merged_releases import dissolve_releases
from sonograph.catalog.writer.merged_works import part_works
from tests.importers.conftest import rolled_back
from tests.importers.contents import facts
from tests.merging.sources import (
    DISCOGS,
    JSONL,
    MB,
    MLC,
    SPOTIFY_ID,
    all_rows,
    mbid,
    merged,
    on_discogs,
    pressing,
    reasons,
    recording,
    write,
)

EXAMPLES = int(os.environ.get("SONOGRAPH_MERGING_EXAMPLES", "3"))  # more of them by hand
ISWCS = ("T0345246801", "T0702330071")
CODES = ("GBDUW0000053", "GBDUW0000054")
TITLES = ("Song", "Song (Live)", "Other")
ARTISTS = ("Kino", "Artist")
DURATIONS = (None, 200, 202, 205)

Step = tuple[OriginId, AnyRecord]


def own_records(origin: OriginId, keys: Sequence[str]) -> st.SearchStrategy[Step]:
    return st.builds(
        lambda key, title, artist, duration, codes, linked, works: (
            origin,
            recording(
                key, title, artist, duration, isrcs=codes, works=works,
                links=(Link(source="spotify", id=SPOTIFY_ID),) if linked else (),
            ),
        ),
        st.sampled_from(keys), st.sampled_from(TITLES), st.sampled_from(ARTISTS), st.sampled_from(DURATIONS),
        st.sampled_from([(), CODES[:1], CODES[1:], CODES]), st.booleans(),
        st.sampled_from([(), ("w1",), ("w1", "w2")]),
    )  # fmt: skip


TOLD = st.lists(st.tuples(st.sampled_from(TITLES), st.sampled_from(DURATIONS)), min_size=1, max_size=2)
STEPS = st.one_of(
    own_records(MB, ["m1", "m2"]),
    own_records(JSONL, ["j1"]),
    own_records(MLC, ["x1", "x2"]),
    st.builds(
        lambda origin, key, title, codes: (origin, WorkRecord(id=key, title=title, iswcs=codes)),
        st.sampled_from([MB, MLC, JSONL]), st.sampled_from(["w1", "w2"]), st.sampled_from(["Song", "SONG", "Other"]),
        st.sampled_from([ISWCS[:1], ISWCS[1:], ISWCS]),
    ),
    st.builds(
        lambda key, told, artist, group, date_, live: (
            DISCOGS, on_discogs(key, *told, artist=artist, group=group, release_date=date_, live=live),
        ),
        st.sampled_from(["1", "2"]), TOLD, st.sampled_from(ARTISTS), st.sampled_from([None, "m5"]),
        st.sampled_from([None, "1999", "2001-02-03"]), st.booleans(),
    ),
    st.builds(
        lambda number, tracks, same, label: (
            MB,
            pressing(
                mbid(number), *tracks, source="musicbrainz", group=mbid(9), release_date="2000",
                same_as=tuple(Same(source="discogs", id=key) for key in same),
                label=Ref(id="l", name="Label") if label else None,
            ),
        ),
        st.sampled_from([1, 2]), st.lists(st.sampled_from(["m1", "m2"]), unique=True, min_size=1),
        st.lists(st.sampled_from(["1", "2"]), unique=True), st.booleans(),
    ),
    st.builds(
        lambda name, same: (MB, ArtistRecord(id="kino", name=name, same_as=same)),
        st.sampled_from(["Kino", "Кино"]), st.sampled_from([(), (Same(source="discogs", id="kino"),)]),
    ),
    st.builds(
        lambda name, country: (DISCOGS, ArtistRecord(id="kino", name=name, country=country)),
        st.sampled_from(["Kino", "Kino Group"]), st.sampled_from([None, "Russia"]),
    ),
    st.builds(
        lambda same: (MB, GroupRecord(id=mbid(9), same_as=same)),
        st.sampled_from([(), (Same(source="discogs", id="m5"),)]),
    ),
)  # fmt: skip
# Each record once: of two that contradict each other the last one read stands. Tracks come before what places them by
# id, and artists before what mentions them, as otherwise the first mention names them.
CATALOGS = st.lists(STEPS, min_size=2, max_size=9, unique_by=lambda step: (step[0], type(step[1]), step[1].id)).map(
    lambda steps: [
        *_basis(),
        *sorted(steps, key=lambda step: not isinstance(step[1], ArtistRecord | TrackRecord | WorkRecord)),
    ]
)


def _basis() -> Iterator[Step]:
    """Rows that others speak of, so that the order of mentions does not matter."""
    for origin in (MB, JSONL, MLC, DISCOGS):
        for name in ARTISTS:
            yield origin, ArtistRecord(id=name.lower(), name=name)
        yield origin, WorkRecord(id="w1", title="First")
        yield origin, WorkRecord(id="w2", title="Second")
    yield MB, recording("m1", "First", duration=100)
    yield MB, recording("m2", "Second", duration=150)


def per_source(steps: Sequence[Step], order: Sequence[OriginId]) -> list[Step]:
    return [step for origin in order for step in steps if step[0] == origin]


@asynccontextmanager
async def imported(catalog: asyncpg.Connection, steps: Sequence[Step], passes: int) -> Any:
    """The catalog after these records, with a pass after every so many of them and at the end."""
    async with rolled_back(catalog):
        for number, (origin, record) in enumerate(steps, start=1):
            await write_records(catalog, origin, [record])
            if passes and number % passes == 0:
                await merged(catalog)
        await merged(catalog)
        yield


async def told(catalog: asyncpg.Connection) -> dict[str, Any]:
    return {**await facts(catalog), "reasons": await reasons(catalog)}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=CATALOGS, passes=st.integers(1, 4))
async def test_any_order_of_imports_and_passes_ends_the_same(
    catalog: asyncpg.Connection, steps: list[Step], passes: int
) -> None:
    found = []
    for order, after in (
        ((MB, DISCOGS, MLC, JSONL), 0),
        ((JSONL, MLC, DISCOGS, MB), 0),
        ((DISCOGS, MB, JSONL, MLC), passes),
    ):
        async with imported(catalog, per_source(steps, order), after):
            found.append(await told(catalog))
    async with imported(catalog, steps, passes):
        found.append(await told(catalog))
    for other in found[1:]:
        for name, rows in found[0].items():
            assert other[name] == rows, name


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=CATALOGS, order=st.permutations(["tracks", "releases", "artists", "labels", "works"]))
async def test_what_is_taken_apart_is_as_it_was(
    catalog: asyncpg.Connection, steps: list[Step], order: list[str]
) -> None:
    async with rolled_back(catalog):
        for origin, record in steps:
            await write_records(catalog, origin, [record])
        before = await all_rows(catalog)
        await merged(catalog)
        rows = [row["row"] for row in await catalog.fetch('select distinct "row" from merged')]
        for part in order:
            if part == "tracks":
                await dissolve_tracks(catalog, rows)
            elif part == "releases":
                await dissolve_releases(catalog, rows)
            elif part == "works":
                await part_works(catalog, rows)
            else:
                await part_named(catalog, EntityKind.ARTIST if part == "artists" else EntityKind.LABEL, rows)
        after = await all_rows(catalog)
        for table, said in before.items():
            assert after[table] == said, table
        assert await catalog.fetchval("select count(*) from merged") == 0


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=CATALOGS, changes=st.lists(STEPS, min_size=1, max_size=3))
async def test_changed_records_end_as_if_they_had_always_been_so(
    catalog: asyncpg.Connection, steps: list[Step], changes: list[Step]
) -> None:
    found = []
    for passes in (0, 3):
        async with imported(catalog, [*steps, *changes], passes):
            found.append(await told(catalog))
    for name, rows in found[0].items():
        assert found[1][name] == rows, name
    async with imported(catalog, [*steps], 0):
        for origin, record in changes:
            await write_records(catalog, origin, [record])
        await merged(catalog)
        again = await told(catalog)
    for name, rows in found[0].items():
        assert again[name] == rows, name


async def test_evidence_is_told_anew_when_an_artist_is_renamed(catalog: asyncpg.Connection) -> None:
    await write(catalog, MB, recording("m1"))
    await write(catalog, MLC, recording("x1"))
    await merged(catalog)
    await write(catalog, MB, ArtistRecord(id="kino", name="Кино"))
    await write(catalog, MLC, ArtistRecord(id="kino", name="Кино"))
    await merged(catalog)
    assert [row[4] for row in await reasons(catalog)] == ["", "Кино - Song, 200 s and 200 s"]


async def test_redirects_of_a_source_take_its_merges_along(catalog: asyncpg.Connection) -> None:
    await write(catalog, JSONL, recording("j1", "Song", isrcs=CODES[:1]), recording("j2", "Other", duration=100))
    await write(catalog, MLC, recording("x1", "Song", isrcs=CODES[:1]))
    await merged(catalog)
    await write(catalog, JSONL, RedirectRecord(kind="track", id="j1", into="j2"))
    await merged(catalog)
    assert await catalog.fetchval("select count(*) from track") == 2
