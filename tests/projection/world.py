"""What the tests of the projection share: a filled database, pools, plans, the oracle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from schema.projection.lanes import answer, executed
from schema.projection.plans import Plans
from sonograph.postgres.pool import Pool
from tests.projection.data import Catalog
from tests.projection.oracle import Oracle


@dataclass(slots=True)
class World:
    """`pool` reads the catalog of `rows`, `sandbox` another one of the same tables."""

    dsn: str
    rows: Catalog
    pool: Pool
    sandbox: Pool
    plans: Plans
    oracle: Oracle

    async def ask(
        self, text: str, variables: Mapping[str, Any] | None = None, pool: Pool | None = None, viewer: Any = None
    ) -> Any:
        """The answer, through the one door of both lanes."""
        plan = self.plans.get(text)
        assert not plan.errors, (text, plan.errors)
        return orjson.loads(await answer(plan, (pool or self.pool).value, variables, viewer=viewer))

    async def execute(self, text: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The answer of the executor lane."""
        return await executed(self.plans.get(text), self.pool.value, variables)
