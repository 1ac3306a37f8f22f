"""Connections: every row once and in order, sizes in range, cursors that a list did not make."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator

import asyncpg
import pytest
from graphql import GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.projection import mapping
from sonograph.errors import Invalid
from sonograph.postgres.found import Order, OrderType, encode_cursor, page
from tests.projection.data import ARTISTS, LABELS, RELEASES, WORKS
from tests.projection.world import World

# Where each list of rows hangs: (field with arguments, the kind of row that it belongs to, ids of such rows).
LISTS = (
    ("newReleases", "", range(1)),
    ("browseTracks(year: 2020, ", "", range(1)),
    ("browseTracks(genreId: 2, ", "", range(1)),
    ("browseTracks(labelId: 1, ", "", range(1)),
    ("browseTracks(artistId: 3, ", "", range(1)),
    ('searchTracks(artist: "Sun", title: "Izmir", ', "", range(1)),
    ('searchArtists(name: "sun", ', "", range(1)),
    ('searchLabels(name: "s", ', "", range(1)),
    ('searchReleases(title: "sun", ', "", range(1)),
    ("releases", "artist", range(1, ARTISTS + 1)),
    ("tracks", "artist", range(1, ARTISTS + 1, 4)),
    ("releases", "label", range(1, LABELS + 1)),
    ("artists", "label", range(1, LABELS + 1)),
    ("editions", "release", (1, 2, RELEASES)),
    ("recordings", "work", range(1, WORKS + 1, 3)),
)
NOT_OF_THE_CATALOG = (
    "Viewer",
    "Account",  # tests/graphql_accounts
    "Stream",
    "StreamReportEntry",  # tests/contract/test_stream_history.py, test_stream_report.py
)


def document(field: str, parent: str, first: int | str = 3) -> str:
    head = field if "(" in field else field + "("
    selection = (
        f"page: {head}first: {first}, after: $after) {{ nodes {{ databaseId }} "
        "edges { cursor node { databaseId } } nextCursor totalCount "
        "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
    )
    if not parent:
        return f"query ($after: String) {{ {selection} }}"
    return f"query ($after: String, $id: Int!) {{ row: {parent}(by: {{databaseId: $id}}) {{ {selection} }} }}"


def test_every_list_that_pages_is_here(world: World) -> None:
    pages = set()
    for kind in world.plans.schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            pages |= {
                (name, kind.name.lower().replace("query", ""))
                for name, field in kind.fields.items()
                if mapping.is_connection(get_named_type(field.type)) and kind.name not in NOT_OF_THE_CATALOG
            }
    assert pages == {(field.partition("(")[0], parent) for field, parent, _ in LISTS}


@pytest.mark.parametrize(("field", "parent", "ids"), LISTS)
async def test_paging_visits_every_row_once_in_order(
    world: World, field: str, parent: str, ids: range | tuple[int, ...]
) -> None:
    visited = 0
    for number in ids:
        variables = {"id": number} if parent else {}

        async def ask(first: int, after: str | None, variables: dict[str, int] = variables) -> dict[str, object]:
            got = await world.ask(document(field, parent, first), {**variables, "after": after})
            page: dict[str, object] = (got["data"]["row"] if parent else got["data"])["page"]
            return page

        whole: dict[str, object] = await ask(100, None)
        expected = [node["databaseId"] for node in whole["nodes"]]  # type: ignore[attr-defined]  # JSON
        assert len(set(expected)) == len(expected) == whole["totalCount"], "the data fit on one page"
        seen: list[int] = []
        after: str | None = None
        for n in range(len(expected) // 3 + 1):
            part = await ask(3, after)
            cursors = [edge["cursor"] for edge in part["edges"]]  # type: ignore[attr-defined]  # JSON
            assert [edge["node"] for edge in part["edges"]] == part["nodes"]  # type: ignore[attr-defined]  # JSON
            more = len(seen) + len(cursors) < len(expected)
            assert part["pageInfo"] == {
                "hasNextPage": more,
                "hasPreviousPage": n > 0,
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            }
            seen += [node["databaseId"] for node in part["nodes"]]
            assert part["nextCursor"] == (cursors[-1] if more else None)
            if not more:
                break
            after = cursors[-1]
        assert seen == expected
        visited += len(seen)
    assert visited > 0, "a list without rows proves nothing"


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_page_sizes_out_of_range_are_the_callers_mistake(world: World, first: int) -> None:
    for text in (
        "query ($n: Int!) { newReleases(first: $n) { nextCursor } }",
        f"{{ newReleases(first: {first}) {{ nextCursor }} }}",
    ):
        sent = world.pool.sent
        got = await world.ask(text, {"n": first})
        assert [(e["path"], e["extensions"]) for e in got["errors"]] == [
            (["newReleases"], {"code": "BAD_USER_INPUT", "field": "first"})
        ]
        assert world.pool.sent == sent


async def test_lists_that_do_not_page_have_bounds_of_their_own(world: World) -> None:
    text = "query ($n: Int!) { release(by: {databaseId: 1}) { tracks(first: $n) { title } } }"
    assert "errors" not in await world.ask(text, {"n": 1000})
    for wrong in (0, 1001):
        got = await world.ask(text, {"n": wrong})
        assert got["data"] == {"release": None}
        assert got["errors"][0]["extensions"]["field"] == "first"
    got = await world.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x"] * 101})
    assert (got["errors"][0]["path"], got["errors"][0]["extensions"]["field"]) == (["nodes"], "ids")


def forged() -> Iterator[str]:
    yield from (
        "",
        "x",
        "W10=",
        "WyIxIl0=",
        "WzEsMl0=",
        "é",
        "\ud800",
        "\0",
        "=",
        "bnVsbA==",
        "e30=",
        "MQ==",
        "IjEyMyI=",
    )
    for keys in (
        ["2020-01-01", "1"],
        ["2020-01-01", "1", "1", "1"],
        ["2020-W01-1", "1", "1"],
        ["20200101", "1", "1"],
        ["2020-01-01", "1_0", "1"],
        ["2020-01-01", " 1", "1"],
        ["2020-01-01", "\u0661", "1"],
        ["2020-01-01", "1", "99999999999"],
        ["2020-01-01", "1", "-2147483649"],
        ["2020-01-01", "1", "9" * 5000],
        ["2020-02-30", "1", "1"],
        ["99999-01-01", "1", "1"],
        ["epoch", "1", "1"],
        ["now", "1", "1"],
        ["2020-01-01\0", "1", "1"],
        ["2020-01-01", "1", "nan"],
        ["2020-01-01", "1e1", "1"],
        ["2020-01-01", "1", "0x1"],
    ):
        yield encode_cursor("new", keys)
    for name in ("", "tracks", "New", "new "):
        yield encode_cursor(name, ["2020-01-01", "1", "1"])
    yield urlsafe_b64encode(b'["2020-01-01","1","1"]').decode()
    yield urlsafe_b64encode(b"[" * 2000).decode()
    yield urlsafe_b64encode(json.dumps(["new", "2020-01-01", 1, None]).encode()).decode()
    yield urlsafe_b64encode('["new","2020-01-01","1","1"]'.encode("utf-16")).decode()[:-4]


async def refused(world: World, cursor: str) -> None:
    sent = world.pool.sent
    got = await world.ask("query ($after: String) { newReleases(after: $after) { nextCursor } }", {"after": cursor})
    assert got["data"] is None
    assert [(e["path"], e["extensions"]) for e in got["errors"]] == [
        (["newReleases"], {"code": "BAD_USER_INPUT", "field": "after"})
    ]
    assert world.pool.sent == sent, "refused before the database sees it"


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    text = "query ($after: String) { %s(by: { databaseId: 1 }) { releases(first: 1, after: $after) { nextCursor } } }"
    cursor = (await world.ask(text % "artist"))["data"]["artist"]["releases"]["nextCursor"]
    assert cursor
    assert "errors" not in await world.ask(text % "artist", {"after": cursor})
    got = await world.ask(text % "label", {"after": cursor})
    assert got["data"] == {"label": None}
    assert got["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}


async def test_forged_cursors_are_the_callers_mistake(world: World) -> None:
    for cursor in forged():
        await refused(world, cursor)


def texts_like(kind: OrderType) -> st.SearchStrategy[str]:
    """Texts that are almost sort keys."""
    return {
        "int": st.one_of(st.integers(-(2**33), 2**33).map(str), st.text("0123456789-+_ eE.", max_size=12)),
        "date": st.one_of(st.dates().map(str), st.text("0123456789-WT:infty", max_size=12), st.just("infinity")),
    }.get(kind, st.text(max_size=10)) | st.text(max_size=10)


TYPES: tuple[OrderType, ...] = ("int", "bigint", "float8", "date", "text")


@settings(max_examples=400, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data(), kind=st.sampled_from(TYPES))
async def test_what_passes_as_a_cursor_can_be_cast_by_the_database(
    link: asyncpg.Connection, data: st.DataObject, kind: OrderType
) -> None:
    text = data.draw(texts_like(kind))
    try:
        found = page("from x this where true", (), (Order("this.y", kind),), 5, encode_cursor("x", [text]), name="x")
    except Invalid:
        return
    assert found.after == (text,)
    assert await link.fetchval(f"select $1::text::{kind} is not null", text) is True


@settings(max_examples=300, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cursor=st.one_of(st.text(max_size=40), st.binary(max_size=60).map(lambda b: b64encode(b).decode())))
async def test_random_cursors_are_refused(world: World, cursor: str) -> None:
    await refused(world, cursor)
