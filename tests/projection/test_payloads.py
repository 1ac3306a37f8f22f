"""A small schema of its own: what a mutation or event answers, with rows by key; Python fields; who is asking."""

from typing import Annotated, Any

import orjson
import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.projection.executor import attach
from schema.projection.lanes import answer, executed
from schema.projection.mapping import Connection, Parent, by_key, column, computed, find, many, row
from schema.projection.plans import Plans
from sonograph.errors import Forbidden
from sonograph.postgres.found import Found, Order, page
from tests.projection.world import World


@row("genre")
class Style:
    """A genre."""

    database_id: int = column("id")
    name: str = column("name")

    @find(list[Annotated["Style", strawberry.lazy("tests.projection.test_payloads")]])
    def under(first: int = 20) -> Found:  # noqa: N805  # a find has no self
        """Its subgenres."""
        return Found("from genre this where this.parent_id = parent.id", order=(Order("this.id", "int"),), limit=first)

    @computed("id", "name")
    def loud(parent: Parent) -> str:  # noqa: N805  # Strawberry's parent, no self
        return f"{parent['@id']} {parent['@name'].upper()}"


@strawberry.type
class Play:
    note: str
    style_id: strawberry.Private[int | None]
    style: Style | None = by_key("style_id")


@strawberry.type
class Skip:
    other_id: strawberry.Private[int | None]
    style: Style | None = by_key("other_id")


Event = Annotated[Play | Skip, strawberry.union("Event")]


@row("artist")
class Person:
    """An artist."""

    name: str = column("name")
    tracks: list[Annotated["Song", strawberry.lazy("tests.projection.test_payloads")]] = many(
        "ta.track_id = this.id and ta.artist_id = parent.id", through="track_artist ta", order="this.id"
    )


@row("track")
class Song:
    """A track."""

    title: str = column("title")


@strawberry.type
class Query:
    @find(list[Style])
    def styles() -> Found:  # see above
        """All of them."""
        return Found("from genre this where true", order=(Order("this.id", "int"),))

    @find(Connection[Style])
    def few(first: int = 3, after: str | None = None) -> Found:  # noqa: N805  # see above
        """At most three of them at a time."""
        return page("from genre this where true", (), (Order("this.id", "int"),), first, after, maximum=3)

    @find(Person | None)
    def person(viewer: Any, number: int = 1) -> Found:  # noqa: N805  # see above
        """An artist, if it is for the viewer's eyes."""
        if viewer == "stranger":
            raise Forbidden("This is not for you.")
        return Found("from artist this where this.id = $1::int and this.id <= $2::int", (number, viewer or 0))

    @strawberry.field
    def answer(self) -> int:
        return 42


@strawberry.type
class Mutation:
    @strawberry.mutation
    def play(self, styles: list[int | None]) -> list[Play]:
        return [Play(note=f"n{i}", style_id=i) for i in styles]

    @strawberry.mutation
    def events(self, styles: list[int]) -> list[Event]:
        return [Play(note="play", style_id=i) if i % 2 else Skip(other_id=i) for i in styles]


@pytest.fixture(scope="module")
def small() -> Plans:
    return Plans(attach(strawberry.Schema(Query, Mutation, config=StrawberryConfig())))


async def ask(
    small: Plans, world: World, text: str, variables: dict[str, Any] | None = None, viewer: Any = None
) -> Any:
    plan = small.get(text)
    assert not plan.errors, plan.errors
    return await executed(plan, world.pool.value, variables, viewer=viewer)


async def test_rows_by_key_come_in_one_statement(world: World, small: Plans) -> None:
    sent = world.pool.sent
    got = await ask(
        small, world, "mutation { play(styles: [3, 99, 1, 3, null]) { note s: style { n: name databaseId } } }"
    )
    assert world.pool.sent == sent + 1
    deep, rock = {"n": "Deep House", "databaseId": 3}, {"n": "Rock", "databaseId": 1}
    assert got == {
        "data": {
            "play": [{"note": f"n{i}", "s": s} for i, s in ((3, deep), (99, None), (1, rock), (3, deep), (None, None))]
        }
    }


async def test_two_fields_by_key_are_two_batches(world: World, small: Plans) -> None:
    text = "mutation ($n: Int!) { play(styles: [2, 1]) { a: style { under(first: $n) { name } } b: style { name } } }"
    for n, names in ((1, ["Deep House"]), (2, ["Deep House", "house"])):
        sent = world.pool.sent
        got = await ask(small, world, text, {"n": n})
        assert world.pool.sent == sent + 2
        assert [row["name"] for row in got["data"]["play"][0]["a"]["under"]] == names
        assert got["data"]["play"][1]["b"] == {"name": "Rock"}


async def test_one_response_key_under_two_types_of_a_union(world: World, small: Plans) -> None:
    text = (
        "mutation { events(styles: [1, 2, 3]) { __typename ... on Play { note style { name } } "
        "... on Skip { style { databaseId } } } }"
    )
    got = await ask(small, world, text)
    assert got == {
        "data": {
            "events": [
                {"__typename": "Play", "note": "play", "style": {"name": "Rock"}},
                {"__typename": "Skip", "style": {"databaseId": 2}},
                {"__typename": "Play", "note": "play", "style": {"name": "Deep House"}},
            ]
        }
    }


async def test_flags_of_a_batch_are_those_of_the_request(world: World, small: Plans) -> None:
    text = "mutation ($a: Boolean!) { play(styles: [1]) { style { name databaseId @include(if: $a) } } }"
    for a in (True, False, True):
        got = await ask(small, world, text, {"a": a})
        assert ("databaseId" in got["data"]["play"][0]["style"]) == a


async def test_a_python_field_gets_the_columns_it_needs(world: World, small: Plans) -> None:
    text = "{ styles { name: databaseId loud again: loud under { loud } } answer }"
    sent = world.pool.sent
    got = await ask(small, world, text)
    assert world.pool.sent == sent + 1
    assert got["data"]["styles"][1]["loud"] == got["data"]["styles"][1]["again"] == "2 HOUSE"
    assert got["data"]["styles"][1]["name"] == 2
    assert got["data"]["styles"][1]["under"][0] == {"loud": "3 DEEP HOUSE"}
    assert got["data"]["answer"] == 42


async def test_the_largest_page_knows_that_there_is_more(world: World, small: Plans) -> None:
    text = "query ($after: String) { few(after: $after) { nodes { databaseId } nextCursor pageInfo { hasNextPage } } }"
    seen, after = [], None
    for _ in range(3):
        got = (await ask(small, world, text, {"after": after}))["data"]["few"]
        seen += [node["databaseId"] for node in got["nodes"]]
        after = got["nextCursor"]
        assert got["pageInfo"]["hasNextPage"] == (after is not None)
    assert (seen, after) == (list(range(1, 8)), None)


@pytest.mark.parametrize("compiled_reads", [True, False])
async def test_who_is_asking_reaches_the_find_in_both_lanes(world: World, small: Plans, compiled_reads: bool) -> None:  # noqa: FBT001  # a parameter of the test
    plan = Plans(small.strawberry, compiled_reads=compiled_reads).get(
        "query ($n: Int = 2) { person(number: $n) { name } }"
    )
    (second,) = world.rows.where("artist", id=2)
    for viewer, person in ((None, None), (1, None), (2, {"name": second["name"]}), (1, None)):
        got = orjson.loads(await answer(plan, world.pool.value, {}, viewer=viewer))
        assert got == {"data": {"person": person}}, viewer
    got = orjson.loads(await answer(plan, world.pool.value, {}, viewer="stranger"))
    assert got["data"] == {"person": None}
    assert [(e["path"], e["message"], e["extensions"]) for e in got["errors"]] == [
        (["person"], "This is not for you.", {"code": "FORBIDDEN"})
    ]


def test_a_client_cannot_say_who_is_asking(small: Plans) -> None:
    person = small.schema.query_type.fields["person"] if small.schema.query_type else None
    assert person
    assert list(person.args) == ["number"]
    errors = small.get('{ person(viewer: "me") { name } }').errors
    assert errors
    assert "viewer" in errors[0].message
