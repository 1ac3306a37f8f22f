"""Records into rows: replaced, merged, counted; whatever the order and the size of the batches."""

from datetime import date

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sonograph.catalog.names import query_keys
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    EditionRecord,
    GroupRecord,
    LabelRecord,
    Link,
    Place,
    RedirectRecord,
    Ref,
    ReleaseRecord,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.catalog.writer import Outcome, write_records
from tests.importers.conftest import rolled_back
from tests.importers.contents import everything, facts, wrongs


async def write(catalog: asyncpg.Connection, *records: AnyRecord, batch_size: int = 100) -> Outcome:
    outcome = await write_records(catalog, OriginId.JSONL, records, batch_size)
    assert await wrongs(catalog) == {}
    return outcome


def track(
    source_id: str, title: str = "Song", artist: str = "a", duration: int | None = None, **more: object
) -> TrackRecord:
    credited = (Credit(artist=Ref(id=artist, name=f"Artist {artist}")),)
    return TrackRecord(id=source_id, title=title, artists=credited, duration=duration, **more)  # type: ignore[arg-type]  # by name


def release(key: str, *tracks: TrackRecord | str, **more: object) -> ReleaseRecord:
    places = tuple(Place(track=t, disc=1, number=n) for n, t in enumerate(tracks, start=1))
    members = {"title": f"Release {key}", "artist": Ref(id="a", name="Artist a"), **more}
    return ReleaseRecord(id=key, tracks=places, **members)  # type: ignore[arg-type]  # members by name


def edition(key: str, **more: object) -> tuple[EditionRecord]:
    return (EditionRecord(source="discogs", id=key, **more),)  # type: ignore[arg-type]  # members by name


async def titles(catalog: asyncpg.Connection) -> list[str]:
    return [row["title"] for row in await catalog.fetch("select title from track order by id")]


async def test_record_is_created_then_unchanged_then_updated_with_its_children(catalog: asyncpg.Connection) -> None:
    first = track(
        "t", isrcs=("GBDUW0000053", "gb-duw-00-00054"), genres=("House",), links=(Link(source="tidal", id="1"),)
    )
    assert (await write(catalog, first)).verdicts == {("track", "created"): 1}
    before = await everything(catalog)
    assert (await write(catalog, first)).verdicts == {("track", "unchanged"): 1}
    assert await everything(catalog) == before
    changed = track("t", title="Other", artist="b", isrcs=("GBDUW0000059",))
    assert (await write(catalog, changed)).verdicts == {("track", "updated"): 1}
    assert await catalog.fetchval("select count(*) from track") == 1
    assert [tuple(row) for row in await catalog.fetch("select preferred, code from isrc")] == [(True, "GBDUW0000059")]
    assert await catalog.fetchval("select count(*) from track_genre") == 0
    assert await catalog.fetchval("select count(*) from platform_link") == 0
    assert await catalog.fetch("select 1 from match_key where key = any($1)", query_keys("Artist a", "Song")[0]) == []


async def test_mentioned_artist_is_filled_by_its_record_and_stays_so(
    catalog: asyncpg.Connection,
) -> None:
    await write(catalog, track("t"))
    assert await catalog.fetchval("select name from artist") == "Artist a"
    outcome = await write(catalog, ArtistRecord(id="a", name="Full Name", country="France", popularity=7))
    assert outcome.verdicts == {("artist", "created"): 1}
    assert outcome.rows == {}
    await write(catalog, track("t2"))
    assert tuple(await catalog.fetchrow("select name, country, popularity from artist")) == ("Full Name", "France", 7)


async def test_new_name_of_an_artist_is_the_name_by_which_its_tracks_are_found(catalog: asyncpg.Connection) -> None:
    await write(catalog, track("t"))
    await write(catalog, ArtistRecord(id="a", name="Björk"))
    key = query_keys("Bjork", "Song")[0]
    assert await catalog.fetchval("select count(*) from match_key where key = any($1)", key) == 1
    assert "bjork" in await catalog.fetchval("select search_text from track")


async def test_artists_are_found_under_aliases_and_in_latin_letters(catalog: asyncpg.Connection) -> None:
    await write(catalog, ArtistRecord(id="a", name="Кино", aliases=("The Kino",)))
    keys = {row["key"] for row in await catalog.fetch("select key from artist_key")}
    assert keys == {"кино", "kino", "the kino"}


async def test_unknown_artist_without_a_name_rejects_the_record_even_if_named_later(
    catalog: asyncpg.Connection,
) -> None:
    bare = TrackRecord(id="t", title="Song", artists=(Credit(artist=Ref(id="x")),))
    for batch_size in (1, 100):
        outcome = await write(catalog, bare, ArtistRecord(id=f"y{batch_size}", name="Y"), batch_size=batch_size)
        assert [(p.index, p.reason, p.rejected) for p in outcome.problems] == [
            (0, "unknown artist without a name", True)
        ]
    outcome = await write(catalog, bare, ArtistRecord(id="x", name="X"))
    assert outcome.verdicts["track", "rejected"] == 1
    assert (await write(catalog, bare)).verdicts == {("track", "created"): 1}


async def test_wrong_codes_are_flagged_and_the_record_kept(catalog: asyncpg.Connection) -> None:
    outcome = await write(
        catalog,
        WorkRecord(id="w", title="Work", iswcs=("T-071.020.439-9", "T0710204398", "nonsense")),
        track(
            "t",
            isrcs=("nonsense",),
            genres=("no such genre", 99999, "House"),
            links=(Link(source="spotify", id="x"),),
            key="H",
        ),
        release("r", release_date="sometime", editions=edition("1", barcode="5025452406622", release_date="1999-03")),
    )
    reasons = sorted(problem.reason for problem in outcome.problems)
    assert reasons == [
        "not a date", "unknown genre", "unknown genre", "wrong ISRC", "wrong ISWC", "wrong ISWC",
        "wrong barcode (kept as unverified)", "wrong key", "wrong spotify id",
    ]  # fmt: skip
    assert not any(problem.rejected for problem in outcome.problems)
    assert [row["code"] for row in await catalog.fetch("select code from iswc")] == ["T0710204399"]
    row = await catalog.fetchrow("select barcode, unverified_barcode, release_date, date_precision from edition")
    assert tuple(row) == (None, "5025452406622", date(1999, 3, 1), 2)


async def test_nul_and_rules_of_members_reject_one_record_and_not_its_batch(catalog: asyncpg.Connection) -> None:
    outcome = await write(
        catalog,
        track("nul", title="a\0b"),
        track("long", title="x" * 1001),
        track("surrogate", title="\ud800"),
        track("ok"),
    )
    assert outcome.verdicts == {("track", "rejected"): 3, ("track", "created"): 1}
    assert await titles(catalog) == ["Song"]


async def test_work_is_mentioned_by_a_track_and_filled_by_its_record(catalog: asyncpg.Connection) -> None:
    await write(catalog, track("t", works=("w",)))
    assert await catalog.fetchval("select title from work") == "Song"
    await write(catalog, WorkRecord(id="w", title="The Work", iswcs=("T0710204399",)))
    assert tuple(await catalog.fetchrow("select w.title, c.code from work w join iswc c on c.work_id = w.id")) == (
        "The Work", "T0710204399",
    )  # fmt: skip
    assert await catalog.fetchval("select count(*) from work_recording") == 1


async def test_changed_release_takes_its_old_tracks_and_editions_with_it(catalog: asyncpg.Connection) -> None:
    await write(catalog, release("r", track("t1"), track("t2", "Second"), editions=edition("1")))
    kept = await catalog.fetchval("select id from track where title = 'Second'")
    await write(catalog, release("r", track("t2", "Second"), track("t3", "Third"), editions=edition("2")))
    assert await titles(catalog) == ["Second", "Third"]
    assert await catalog.fetchval("select id from track where title = 'Second'") == kept
    assert [row["external_id"] for row in await catalog.fetch("select external_id from edition")] == ["2"]


async def test_track_with_a_record_of_its_own_outlives_its_release(catalog: asyncpg.Connection) -> None:
    await write(catalog, track("own", "Own"), release("r", "own", track("inside", "Inside")))
    await write(catalog, release("r"))
    assert await titles(catalog) == ["Own"]


async def test_track_on_two_releases_outlives_one_and_bears_the_date_of_the_first(catalog: asyncpg.Connection) -> None:
    shared = track("t")
    await write(catalog, release("late", shared, release_date="2001"), release("early", shared, release_date="1999"))
    assert await catalog.fetchval("select released from track") == date(1999, 1, 1)
    await write(catalog, release("early", release_date="1999"))
    assert await titles(catalog) == ["Song"]
    assert await catalog.fetchval("select released from track") == date(2001, 1, 1)


async def test_own_record_stands_over_what_releases_say_in_any_order(catalog: asyncpg.Connection) -> None:
    own, inside = track("t", "Own title"), release("r", track("t", "Title inside"))
    await write(catalog, own, inside)
    assert await titles(catalog) == ["Own title"]
    await write(catalog, release("r", track("t", "Another inside"), title="Changed"))
    assert await titles(catalog) == ["Own title"]


async def test_unknown_track_is_left_out_until_it_is_known(catalog: asyncpg.Connection) -> None:
    listed = release("r", "t")
    outcome = await write(catalog, listed)
    assert [problem.reason for problem in outcome.problems] == ["unknown track"]
    assert await catalog.fetchval("select track_count from release") == 0
    await write(catalog, track("t"), listed)
    assert await catalog.fetchval("select track_count from release") == 1


def pressings() -> list[ReleaseRecord]:
    """One album: the first CD, a vinyl of other numbering, a reissue with a bonus track, one with a remix."""
    return [
        release(
            "10", track("10-1", "One", duration=200), track("10-2", "Two", duration=100),
            group="g", title="Album", release_date="1999-05", label=Ref(id="l", name="Label"), catalog_no="CD 1",
            editions=edition("10", format="cd"),
        ),
        release(
            "9", track("9-A", "Two", duration=102), track("9-B", "One (Original Mix)"),
            group="g", title="Album LP", release_date="1999", editions=edition("9", format="vinyl"),
        ),
        release(
            "11", track("11-1", "One", duration=203), track("11-2", "Bonus", duration=60),
            track("11-3", "Two", duration=190),
            group="g", title="Album (Reissue)", release_date="2010", editions=edition("11"),
        ),
        release(
            "12", track("12-1", "One (X Remix)", duration=200),
            group="g", title="Album Remixed", editions=edition("12"),
        ),
    ]  # fmt: skip


async def test_records_of_a_group_are_editions_of_one_release(catalog: asyncpg.Connection) -> None:
    outcome = await write(catalog, *pressings())
    assert outcome.rows == {"artist": 1, "label": 1, "release": 1, "edition": 4, "track": 5}
    row = await catalog.fetchrow("select title, release_date, date_precision, catalog_no, track_count from release")
    # "1999" is 1 January, before May: the vinyl is the earliest; label and number are those of the first with a label.
    assert tuple(row) == ("Album LP", date(1999, 1, 1), 3, "CD 1", 5)
    placed = await catalog.fetch(
        "select t.title, duration, disc_number, track_number from release_track rt join track t on t.id = track_id "
        "order by track_number, t.title, t.duration"
    )
    assert [tuple(row) for row in placed] == [
        ("Two", 102, 1, 1),
        ("One (Original Mix)", 200, 1, 2),
        ("Bonus", 60, None, None),
        ("One (X Remix)", 200, None, None),
        ("Two", 190, None, None),  # 88 s longer: another recording
    ]
    held = await catalog.fetch(
        "select e.external_id, count(*) as n from edition e join edition_track et on et.edition_id = e.id group by 1"
    )
    assert {row["external_id"]: row["n"] for row in held} == {"10": 2, "11": 3, "12": 1, "9": 2}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
@pytest.mark.parametrize("batch_size", [1, 100])
async def test_order_of_a_group_does_not_matter(
    catalog: asyncpg.Connection, order: tuple[int, ...], batch_size: int
) -> None:
    found = []
    records = pressings()
    for chosen in (range(4), order):
        async with rolled_back(catalog):
            await write(catalog, *(records[n] for n in chosen), batch_size=batch_size)
            found.append(await facts(catalog))
    assert found[0] == found[1]


async def test_main_record_gives_title_and_numbering_and_the_group_what_nobody_says(
    catalog: asyncpg.Connection,
) -> None:
    undated = [
        release("1", track("1-1", "One"), track("1-2", "Two"), group="g", title="First"),
        release("2", track("2-1", "Two"), track("2-2", "One"), group="g", title="Main", main=True),
    ]
    await write(catalog, GroupRecord(id="g", release_date="1987", genres=("House",)))
    assert await catalog.fetchval("select count(*) from release") == 0
    await write(catalog, *undated)
    assert tuple(await catalog.fetchrow("select title, release_date from release")) == ("Main", date(1987, 1, 1))
    first = "select t.title from release_track rt join track t on t.id = rt.track_id where track_number = 1"
    assert await catalog.fetchval(first) == "Two"
    assert await catalog.fetchval("select count(*) from track_genre where genre_id = 101") == 2
    await write(catalog, GroupRecord(id="g", release_date="1988"))
    assert await catalog.fetchval("select release_date from release") == date(1988, 1, 1)


async def test_record_that_leaves_its_group_takes_its_own_tracks_along(catalog: asyncpg.Connection) -> None:
    one = release("1", track("1-1", "One"), track("1-2", "Two"), group="g", release_date="1990", editions=edition("1"))
    two = release("2", track("2-1", "One"), group="g", editions=edition("2"))
    await write(catalog, one, two)
    assert await catalog.fetchval("select count(*) from track") == 2
    await write(catalog, release("2", track("2-1", "One"), editions=edition("2")))
    assert await catalog.fetchval("select count(*) from release") == 2
    assert await catalog.fetchval("select count(*) from track") == 3
    await write(catalog, two)
    assert await catalog.fetchval("select count(*) from release") == 1
    assert await catalog.fetchval("select count(*) from track") == 2
    assert await catalog.fetchval("select count(*) from redirect where kind = $1", EntityKind.RELEASE) == 1


async def test_release_of_its_own_keeps_its_row_when_a_group_is_made_of_it(catalog: asyncpg.Connection) -> None:
    await write(catalog, release("1", track("1-1")))
    before = await catalog.fetchval("select id from release")
    await write(catalog, release("1", track("1-1"), group="g"), release("2", track("2-1"), group="g"))
    assert [row["id"] for row in await catalog.fetch("select id from release")] == [before]


async def test_redirects_of_all_kinds(catalog: asyncpg.Connection) -> None:
    await write(
        catalog,
        *(ArtistRecord(id=key, name=f"Artist {key}") for key in "abc"),
        LabelRecord(id="l", name="L"), LabelRecord(id="m", name="M"),
        WorkRecord(id="v", title="V", iswcs=("T0710204399",)), WorkRecord(id="w", title="W"),
        track("t", "Song", artist="b", isrcs=("GBDUW0000053",), works=("v",)), track("u", "Song too"),
        release("r", "t", title="R", artist=Ref(id="b"), label=Ref(id="l"), editions=edition("1")),
        release("s", "u", title="S", label=Ref(id="m"), editions=edition("2")),
    )  # fmt: skip
    redirects = [
        RedirectRecord(kind="artist", id="b", into="c"),
        RedirectRecord(kind="artist", id="c", into="a"),
        RedirectRecord(kind="label", id="l", into="m"),
        RedirectRecord(kind="work", id="v", into="w"),
        RedirectRecord(kind="track", id="t", into="u"),
        RedirectRecord(kind="release", id="r", into="s"),
        RedirectRecord(kind="artist", id="unheard", into="a"),
        RedirectRecord(kind="artist", id="a", into="nobody"),
    ]
    outcome = await write(catalog, *redirects)
    assert outcome.verdicts == {("redirect", "created"): 7, ("redirect", "rejected"): 1}
    for table in ("artist", "label", "work", "track", "release"):
        assert await catalog.fetchval(f"select count(*) from {table}") == 1, table
    assert await catalog.fetchval("select count(*) from edition") == 2
    assert await catalog.fetchval("select count(*) from iswc") == 1
    assert await catalog.fetchval("select count(*) from isrc") == 1
    before = await everything(catalog)
    again = await write(catalog, *redirects[:-1])
    assert again.verdicts == {("redirect", "unchanged"): 7}
    ignored = await write(catalog, ArtistRecord(id="b", name="Changed"), track("t", "Changed"))
    assert ignored.verdicts == {("artist", "unchanged"): 1, ("track", "unchanged"): 1}
    assert await everything(catalog) == before


async def test_edition_that_another_origin_lists_stays_with_it(catalog: asyncpg.Connection) -> None:
    await write_records(catalog, OriginId.DISCOGS, [release("1", track("x"), editions=edition("1"))])
    outcome = await write(catalog, release("r", track("t"), editions=edition("1")))
    assert outcome.notes == {"editions left out: another origin lists them": 1}
    assert await catalog.fetchval("select origin_id from edition") == OriginId.DISCOGS
    assert await catalog.fetchval("select count(*) from track") == 2


KEYS = st.sampled_from("abc")
NAMED = st.builds(lambda key: Ref(id=key, name=f"Artist {key}"), KEYS)


def tracks(source_ids: list[str]) -> st.SearchStrategy[TrackRecord]:
    return st.builds(
        lambda key, title, artist, duration, isrcs: TrackRecord(
            id=key, title=title, artists=(Credit(artist=artist),), duration=duration, isrcs=isrcs, genres=("House",)
        ),
        st.sampled_from(source_ids),
        st.sampled_from(["One", "Two", "One (X Remix)"]),
        NAMED,
        st.sampled_from([None, 100, 102, 105]),
        st.sampled_from([(), ("GBDUW0000053",)]),
    )


# A track is either a record of its own or stands inside of releases: of contradictions the last one read stands, and
# which is last may depend on the batches where a release drops a track in the same batch.
PLACES = st.lists(
    st.builds(
        lambda t, number: Place(track=t, disc=1, number=number),
        tracks(["t1", "t2", "t3", "t4"]) | st.sampled_from(["own1", "own2"]),
        st.integers(1, 3),
    ),
    max_size=3,
).map(tuple)
RECORDS = st.one_of(
    st.builds(lambda key, n: ArtistRecord(id=key, name=f"Artist {key}{n}"), KEYS, st.integers(0, 1)),
    st.builds(lambda key: LabelRecord(id=key, name=f"Label {key}"), KEYS),
    tracks(["own1", "own2"]),
    st.builds(
        lambda key, artist, group, label, date_, main, places, listed: ReleaseRecord(
            id=key, title=f"Release {key}", artist=artist, group=group, label=Ref(id=label, name=f"Label {label}"),
            release_date=date_, main=main, tracks=places, editions=edition(f"e{key}") if listed else (),
        ),
        KEYS, NAMED, st.sampled_from([None, "g", "h"]), KEYS, st.sampled_from([None, "1999", "2001-02-03"]),
        st.booleans(), PLACES, st.booleans(),
    ),
    st.builds(lambda key: GroupRecord(id=key, release_date="1990"), st.sampled_from(["g", "h"])),
)  # fmt: skip
REDIRECTS = st.builds(
    lambda kind, key, into: RedirectRecord(kind=kind, id=key, into=into),
    st.sampled_from(["artist", "label", "release"]), KEYS, KEYS,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORDS | REDIRECTS, max_size=12))
async def test_batches_of_any_size_end_the_same_and_nothing_contradicts(
    catalog: asyncpg.Connection, records: list[AnyRecord]
) -> None:
    """The same records one by one and all at once, changed and moved and merged on the way."""
    found = []
    for batch_size in (1, 100):
        async with rolled_back(catalog):
            await write(catalog, *records, batch_size=batch_size)
            found.append(await facts(catalog))
    assert found[0] == found[1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORDS, max_size=10, unique_by=lambda record: (type(record), record.id)))
async def test_second_time_changes_nothing(catalog: asyncpg.Connection, records: list[AnyRecord]) -> None:
    async with rolled_back(catalog):
        await write(catalog, *records)
        await write(catalog, *records)  # tracks that were unknown when their release was read are known now
        before = await everything(catalog)
        outcome = await write(catalog, *records)
        assert await everything(catalog) == before
        assert not any(verdict == "created" for _, verdict in outcome.verdicts)


async def test_a_subgenre_brings_its_main_genre(catalog: asyncpg.Connection) -> None:
    await write(catalog, track("deep", genres=("Deep House",)), track("main", genres=(100,)))
    rows = await catalog.fetch("select track_id, genre_id from track_genre order by 1, 2")
    assert [tuple(row) for row in rows] == [(1, 100), (1, 102), (2, 100)]
