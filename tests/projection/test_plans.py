"""What a plan remembers and what it costs: trees, statements, function calls; two catalogs; the off switch."""

import cProfile
import pstats
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from schema.projection.lanes import answer
from schema.projection.plans import Plans
from sonograph.catalog import search
from sonograph.postgres.found import encode_cursor
from tests.projection.world import World

MAX_CALLS = 150  # the gate of the project is 250
MAX_SENDING = 300  # 359 to 403 in all: a search sends the marks of the versions that it was asked for, too
TRACK = "id title artists { artist { name } } releases { title label { name } }"
READS: dict[str, tuple[str, dict[str, Any]]] = {
    "track by ISRC, literal": (f'{{ track(by: {{isrc: "GBAYE0000003"}}) {{ {TRACK} }} }}', {}),
    "track by ISRC, variable": (
        f"query ($isrc: String!) {{ track(by: {{isrc: $isrc}}) {{ {TRACK} }} }}",
        {"isrc": "GBAYE0000003"},
    ),
    "search page": (
        (
            "query ($a: String!, $t: String!, $n: Int!, $c: String) { "
            "searchTracks(artist: $a, title: $t, first: $n, after: $c) { nodes { id title } nextCursor totalCount } }"
        ),
        {"a": "Sun", "t": "Sun", "n": 20},
    ),
    "nested page": (
        "query ($id: Int!, $n: Int = 5) { artist(by: {databaseId: $id}) { releases(first: $n) { nodes { title } } } }",
        {"id": 3},
    ),
    "list of 100": (
        "query ($first: Int!) { newReleases(first: $first) { nodes { id title tracks(first: 5) { title } } } }",
        {"first": 100},
    ),
}
# A search folds names in Python first, which is no part of the projection, and asyncpg looks at each element of the
# arrays that it sends.
FINDS: dict[str, Callable[[], object]] = {"search page": lambda: search.tracks("Sun", "Sun", 20, None)}


def calls_of(profile: cProfile.Profile) -> int:
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # missing in the stubs


@pytest.mark.parametrize("name", READS)
async def test_a_read_is_one_statement_and_few_function_calls(world: World, name: str) -> None:
    text, variables = READS[name]
    plan, run = world.plans.get(text), world.pool.value
    assert "errors" not in await world.ask(text, variables)
    for _ in range(world.pool.size):  # whichever connection comes next, the statement is prepared on it
        await world.ask(text, variables)
    sent, profile = world.pool.sent, cProfile.Profile()
    profile.enable()
    await answer(plan, run, variables)
    profile.disable()
    calls, finding = calls_of(profile), 0
    if name in FINDS:
        profile = cProfile.Profile()
        profile.enable()
        FINDS[name]()
        profile.disable()
        finding = calls_of(profile)
    print(f"{name}: {calls} calls, {finding} of them to find")  # noqa: T201  # the figure that the test is about
    assert world.pool.sent == sent + 1
    assert calls - finding <= MAX_CALLS + (MAX_SENDING if finding else 0)


async def test_one_tree_for_each_combination_of_flags_and_one_statement_each(world: World) -> None:
    text = "query ($a: Boolean!, $b: Boolean!) { newReleases { nodes { id @skip(if: $a) title @include(if: $b) } } }"
    plans = Plans(world.plans.strawberry)
    plan = plans.get(text)
    for _ in range(2):
        for a in (True, False):
            for b in (True, False):
                got = orjson.loads(await answer(plan, world.pool.value, {"a": a, "b": b}))
                keys = {key for key, shown in (("id", not a), ("title", b)) if shown}
                assert all(set(node) == keys for node in got["data"]["newReleases"]["nodes"])
    assert len(plan.trees) == 4
    assert all(tree and len(tree.statements) == 1 for tree in plan.trees.values())


async def test_a_statement_for_each_form_of_a_find(world: World) -> None:
    text = (
        "query ($after: String, $from: Date) { artist(by: {databaseId: 1}) { "
        "releases(after: $after, from: $from) { nodes { id } } } }"
    )
    plan = Plans(world.plans.strawberry).get(text)
    for after in (None, encode_cursor("artist.releases", ["2020-01-01", "1"])):
        for since in (None, "2000-01-01", "2020-01-01"):
            await answer(plan, world.pool.value, {"after": after, "from": since})
    ((_, tree),) = plan.trees.items()
    assert tree
    assert len(tree.statements) == 4


async def test_two_catalogs_share_a_plan_and_nothing_else(world: World) -> None:
    text = "{ newReleases(first: 5) { totalCount nodes { title } } label(by: {databaseId: 1}) { name } }"
    live, sandbox = await world.ask(text), await world.ask(text, pool=world.sandbox)
    assert live != sandbox
    tree = world.plans.get(text).trees[()]
    assert tree
    assert len(tree.statements) == 1
    assert await world.ask(text) == live


@pytest.mark.parametrize("name", READS)
async def test_the_off_switch_changes_nothing(world: World, name: str) -> None:
    text, variables = READS[name]
    off = Plans(world.plans.strawberry, compiled_reads=False)
    assert orjson.loads(await answer(off.get(text), world.pool.value, variables)) == await world.ask(text, variables)
    assert off.get(text).trees == {}


async def test_introspection_is_answered_from_memory_and_reads_are_not(world: World) -> None:
    text = "{ __schema { queryType { name } } __typename }"
    assert await world.ask(text) == {"data": {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}}
    assert world.plans.get(text).fixed_answer is not None
    # A fragment may be named as introspection is, and the read in it belongs to whoever asks.
    text = "{ ...__schema } fragment __schema on Query { label(by: {databaseId: 1}) { name } }"
    live, sandbox = await world.ask(text), await world.ask(text, pool=world.sandbox)
    assert world.plans.get(text).fixed_answer is None
    assert live["data"]["label"] != sandbox["data"]["label"]


async def test_introspection_with_flags_is_not_fixed(world: World) -> None:
    text = "query ($a: Boolean!) { __typename __schema @include(if: $a) { queryType { name } } }"
    assert "__schema" in (await world.ask(text, {"a": True}))["data"]
    assert "__schema" not in (await world.ask(text, {"a": False}))["data"]


@pytest.mark.parametrize(
    "alias", ["x", "q", "this", "parent", "_n", "_cursor", "t1", "p1", "value", "ctid", "row_to_json"]
)
async def test_any_alias_will_do(world: World, alias: str) -> None:
    text = (
        f"{{ {alias}: genre(databaseId: 3) {{ {alias}: name }} a: genres {{ {alias}: databaseId }} "
        f"b: newReleases(first: 1) {{ {alias}: nodes {{ {alias}: databaseId }} c: edges {{ {alias}: node {{ {alias}: "
        f"databaseId }} }} d: pageInfo {{ {alias}: hasNextPage }} }} }}"
    )
    got = (await world.ask(text))["data"]
    assert got[alias] == {alias: "Deep House"}
    assert got["a"] == [{alias: n} for n in range(1, 8)]
    number = got["b"][alias][0][alias]
    assert got["b"]["c"] == [{alias: {alias: number}}]
    assert got["b"]["d"] == {alias: True}
    slow = await world.execute(text)
    assert "errors" not in slow, slow["errors"]
    assert got == slow["data"]
