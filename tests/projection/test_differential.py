"""Compiled lane = executor lane = oracle, for random operations.

SONOGRAPH_TEST_OPERATIONS sets how many operations are drawn; SONOGRAPH_TEST_RANDOM=1 draws others each time;
SONOGRAPH_TEST_SHRINK=1 makes one that fails smaller, which takes up to five minutes.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schema.projection.executor import whole_floats
from schema.projection.lanes import compiled, executed
from schema.projection.limits import UNLIMITED
from schema.projection.plans import Plans
from tests.projection.operations import ACCOUNTS, NO_ORACLE, Operation, Pools
from tests.projection.world import World

OPERATIONS = int(os.environ.get("SONOGRAPH_TEST_OPERATIONS", "750"))
GENERATED = (Phase.explicit, Phase.generate)
RANDOM = os.environ.get("SONOGRAPH_TEST_RANDOM") == "1"

PHASES = [phase for phase in Phase if os.environ.get("SONOGRAPH_TEST_SHRINK") == "1" or phase in GENERATED]

drawn = settings(
    deadline=None, database=None, derandomize=not RANDOM, suppress_health_check=list(HealthCheck), phases=PHASES
)


def exact(text: str | bytes) -> Any:
    """Everything that a client can tell apart: member order, the text of numbers, strings by value."""
    return json.loads(
        text,
        object_pairs_hook=list,
        parse_float=lambda number: ("float", number),
        parse_int=lambda number: ("int", number),
    )


class Comparison:
    """Runs operations through all lanes, and counts."""

    def __init__(self, world: World) -> None:
        self.world, self.seen = world, Counter[str]()
        self.plans = Plans(world.plans.strawberry, UNLIMITED, size=10)
        self.pools = Pools(world.rows)

    def operation(self, random: Random, *, searches: bool) -> Operation:
        return Operation(
            random, self.plans.schema, self.pools, lambda name: name not in ACCOUNTS and (name in NO_ORACLE) == searches
        )

    async def compare(self, text: str, variables: Mapping[str, Any], *, oracle: bool) -> None:
        """Twice on one plan, the second time with every flag turned: a plan must not remember the first request."""
        await self.once(text, variables, oracle=oracle)
        turned = {name: not value if isinstance(value, bool) else value for name, value in variables.items()}
        await self.once(text, turned, oracle=oracle)

    async def once(self, text: str, variables: Mapping[str, Any], *, oracle: bool) -> None:
        plan, run = self.plans.get(text), self.world.pool.value
        assert not plan.errors, (text, plan.errors)
        sent = self.world.pool.sent
        fast = await compiled(plan, run, variables)
        assert fast is None or self.world.pool.sent == sent + 1, text
        slow = await executed(plan, run, variables)
        asked = f"{text}\n{json.dumps(variables, ensure_ascii=False)}"
        if oracle:
            truth = self.world.oracle.execute(plan.document, variables)
            assert bool(truth.errors) == ("errors" in slow), f"{asked}\n{truth.errors}\n{slow.get('errors')}"
            assert exact(orjson.dumps(slow["data"])) == exact(orjson.dumps(whole_floats(truth.data))), (
                f"executor != oracle\n{asked}\n{slow['data']}\n{truth.data}"
            )
        else:
            assert "errors" not in slow, f"{asked}\n{slow}"
        self.seen["executor only" if fast is None else "compiled"] += 1
        if fast is not None:
            assert exact(fast) == exact(orjson.dumps(slow)), f"compiled != executor\n{asked}\n{fast.decode()}\n{slow}"


@pytest.fixture(scope="session")
def comparison(world: World) -> Comparison:
    return Comparison(world)


@settings(drawn, max_examples=OPERATIONS)
@given(random=st.randoms(use_true_random=RANDOM))
async def test_compiled_executor_and_oracle_agree(comparison: Comparison, random: Random) -> None:
    operation = comparison.operation(random, searches=False)
    await comparison.compare(operation.text, operation.variables, oracle=True)


@settings(drawn, max_examples=OPERATIONS // 5)
@given(random=st.randoms(use_true_random=RANDOM))
async def test_compiled_and_executor_agree_on_searches(comparison: Comparison, random: Random) -> None:
    operation = comparison.operation(random, searches=True)
    await comparison.compare(operation.text, operation.variables, oracle=False)


def test_most_were_compiled(comparison: Comparison) -> None:
    seen = comparison.seen
    print(dict(seen))  # noqa: T201  # the figure that the test is about
    assert seen["compiled"] >= 50 * max(seen["executor only"], 1), seen
