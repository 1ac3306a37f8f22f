"""Searches stay bounded: no plan reads a large table from end to end, and hostile texts are answered."""

from collections.abc import AsyncIterator, Callable
from itertools import product

import asyncpg
import orjson
import pytest
import pytest_asyncio

from schema.build import build
from schema.projection.lanes import answer
from schema.projection.plans import Plans
from sonograph.catalog import search
from sonograph.catalog.resolve import ResolveBy, resolve
from sonograph.errors import Invalid
from sonograph.postgres.found import Found, encode_cursor, order_by
from sonograph.postgres.pool import Pool
from tests.search.conftest import Ask

ROWS = 40_000  # of each table: enough for a scan to cost more than an index
FILL = """
insert into artist (id, popularity, release_count, origin_id, name) select n + 1000, 1, 1, 1, 'Artist ' || n from g;
insert into artist_key select n + 1000, 1, 'artist ' || md5(n::text) from g;
insert into artist_typo select hashint4(n * 7 + v), n + 1000 from g, generate_series(1, 3) v;
insert into label (id, popularity, release_count, origin_id, name) select n + 1000, 1, 1, 1, 'Label ' || n from g;
insert into label_key select n + 1000, 1, 'label ' || md5(n::text) from g;
insert into label_typo select hashint4(n * 5), n + 1000 from g;
insert into track (id, popularity, origin_id, title, title_key, search_text)
  select n + 1000, n % 500, 1, 'Song ' || n, 'song ' || md5(n::text), 'song love ' || md5(n::text) from g;
insert into track_artist (track_id, artist_id, title_signature, position, role)
  select n + 1000, n / 8 + 1000, hashint4(n), 0, 0 from g;
insert into match_key select hashint8(n), 1, n + 1000 from g;
insert into release (id, artist_id, popularity, track_count, origin_id, title, title_key)
  select n + 1000, n / 8 + 1000, 1, 1, 1, 'Album ' || n, 'album ' || md5(n::text) from g;
"""
FINDS = {
    "tracks": search.tracks("Daft Pnuk", "One More Tiem", 20, None),
    "tracks, behind a cursor": search.tracks("a", "b", 20, encode_cursor("search.tracks", ["1", "13", "107", "41"])),
    "artists": search.artists("Daft Pnuk", 20, None),
    "labels": search.labels("Ninja Tnue", 20, None),
    "releases": search.releases("One Moer Time", None, 20, None),
    "releases of an artist": search.releases("One Moer Time", "Daft Pnuk", 20, None),
    "resolve": resolve(ResolveBy.TRACK_NAME, ["Daft Pnuk - One More Tiem", "x - y"], 2),
}
TEXTS = [
    "a", "the", "love", "intro", "🔥", "🔥 love", "!!!", "%", "_", "l%", "*", "'", "\\", "$1", "<->", "love:*",
    "love & the", "!love", "\x01", "\u0301" * 50, "a" * 5000, "love " * 1000, "ア" * 5000, "a - b", " - ",
    "the the", "A\u200d", "\u202e", "(((", "{ft", " ".join("abcdefghijklmnopqrstuvwxyz"),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def large(search_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A catalog with many rows, planned as the service plans; what is written is taken back."""
    settings = {"search_path": "catalog", "plan_cache_mode": "force_generic_plan", "random_page_cost": "1.1"}
    connection = await asyncpg.connect(search_dsn, server_settings=settings)
    transaction = connection.transaction()
    await transaction.start()
    for statement in FILL.strip().split(";\n"):
        head, _, rest = statement.partition(" select ")
        await connection.execute(f"with g as (select generate_series(1, {ROWS}) n) {head} select {rest.rstrip(';')}")
    await connection.execute("analyze")
    yield connection
    await transaction.rollback()
    await connection.close()


def scanned(node: dict[str, object]) -> set[str]:
    """Tables that a plan reads from end to end."""
    here = {str(node["Relation Name"])} if node["Node Type"] == "Seq Scan" else set()
    below: list[dict[str, object]] = node.get("Plans", [])  # type: ignore[assignment]  # JSON
    return here.union(*map(scanned, below))


def statement(found: Found) -> str:
    return f"select this.* {found.sql} order by {order_by(found.order)} limit 21"


@pytest.mark.parametrize("name", FINDS)
async def test_no_plan_scans_a_table(large: asyncpg.Connection, name: str) -> None:
    found = FINDS[name]
    prepared = await large.prepare("explain (format json) " + statement(found))
    plan = orjson.loads(await prepared.fetchval(*found.params))
    assert scanned(plan[0]["Plan"]) == set()


async def test_the_guard_sees_a_scan(large: asyncpg.Connection) -> None:
    plan = orjson.loads(await large.fetchval("explain (format json) select from track where title || '' = 'x'"))
    assert scanned(plan[0]["Plan"]) == {"track"}


async def test_hostile_texts_are_answered_with_a_list(ask: Ask) -> None:
    tracks = "query ($a: String!, $b: String!) { searchTracks(artist: $a, title: $b) { nodes { id } totalCount } }"
    names = """query ($a: String!, $b: String!) { searchArtists(name: $a) { nodes { id } }
      searchLabels(name: $a) { nodes { id } } searchReleases(title: $a, artist: $b) { nodes { id } }
      titled: searchReleases(title: $a) { nodes { id } } }"""
    for first, second in product(TEXTS, TEXTS[::3]):
        got = await ask(tracks, a=first, b=second)
        assert len(got["searchTracks"]["nodes"]) == min(got["searchTracks"]["totalCount"], 20)
    for first, second in zip(TEXTS, reversed(TEXTS), strict=True):
        assert len(await ask(names, a=first, b=second)) == 4


@pytest.mark.parametrize(
    ("find", "field"),
    [
        (lambda text: search.tracks(text, "x", 20, None), "artist"),
        (lambda text: search.tracks("x", text, 20, None), "title"),
        (lambda text: search.artists(text, 20, None), "name"),
        (lambda text: search.labels(text, 20, None), "name"),
        (lambda text: search.releases(text, None, 20, None), "title"),
        (lambda text: search.releases("x", text, 20, None), "artist"),
    ],
)
@pytest.mark.parametrize("text", ["", " ", "\0", "a\0b"])
def test_a_search_for_nothing_or_with_nul_is_refused_by_name(
    find: Callable[[str], Found], field: str, text: str
) -> None:
    with pytest.raises(Invalid, match=f"^{field}: must not ") as refused:
        find(text)
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", field)


async def test_graphql_says_which_argument_holds_nul(pool: Pool) -> None:
    plan = Plans(build()).get('query ($a: String!) { searchTracks(artist: $a, title: "x") { nodes { id } } }')
    told = orjson.loads(await answer(plan, pool.value, {"a": "a\0b"}))["errors"][0]
    assert told["message"] == "artist: must not contain NUL"
    assert told["extensions"] == {"code": "BAD_USER_INPUT", "field": "artist"}
