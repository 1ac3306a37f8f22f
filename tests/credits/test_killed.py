"""Two processes against one quota, one killed in the middle: nothing is granted twice, and the books are equal."""

import pytest

from benchmarks.credits import measure

pytestmark = pytest.mark.database


async def test_a_killed_process_costs_its_lease_and_no_more(migrated: str) -> None:
    outcome = await measure(migrated, quota=6_000, clients=16, requests=16_000, processes=2, kill=True)
    assert outcome.over_granted == 0
    assert outcome.counter == outcome.ledger == outcome.log == outcome.quota
    assert outcome.leased == 0
    assert outcome.quota - outcome.granted <= outcome.lost
