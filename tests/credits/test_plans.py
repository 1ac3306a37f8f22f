"""The table of plans, and what an operator's file may make of it."""

from pathlib import Path

import asyncpg
import pytest

from sonograph.accounts import plan_changes
from sonograph.accounts.plans import PLANS, PlanTable, load_plans
from sonograph.errors import Invalid, Misconfigured, NotFound
from tests.credits.conftest import Make


def test_the_documented_plans() -> None:
    told = [(plan.name, plan.monthly_credits, plan.burst, plan.paid) for plan in PLANS]
    assert told == [
        ("free", 1_000, 20, False),
        ("starter", 50_000, 60, True),
        ("growth", 500_000, 300, True),
        ("scale", 5_000_000, 1_000, True),
    ]


def test_a_file_changes_adds_and_takes_out(tmp_path: Path) -> None:
    file = tmp_path / "plans.toml"
    file.write_text(
        'without = ["growth"]\n[plans.free]\nmonthly_credits = 2_000\n'
        "[plans.label]\nmonthly_credits = 9\nburst = 8\npaid = true\noperation_cost = 7\nmax_keys = 6\n",
        encoding="utf-8",
    )
    table = load_plans(file)
    assert list(table) == ["free", "starter", "scale", "label"]
    assert (table["free"].monthly_credits, table["free"].burst) == (2_000, 20)
    assert table["label"].max_keys == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[plans.free", "not TOML"),
        ("plan = 1", "plan: there is no such member"),
        ("plans = 1", "plans must be tables"),
        ("[plans]\nfree = 1", r"plans\.free: must be a table"),
        ("[plans.Free]\nburst = 1", r"plans\.Free: names are"),
        ("[plans.free]\nburst = 0", r"plans\.free\.burst: must be a whole number, 1 to"),
        ("[plans.free]\nburst = true", r"plans\.free\.burst: must be a whole number"),
        ("[plans.free]\npaid = 1", r"plans\.free\.paid: must be true or false"),
        ("[plans.free]\nspeed = 1", r"plans\.free\.speed: there is no such member"),
        ("[plans.new]\nburst = 1\npaid = true", "max_keys, monthly_credits, operation_cost, too"),
        ('without = ["gold"]', "no plan 'gold'"),
        ("without = 1", "without must be a list"),
        ('without = ["free", "starter", "growth", "scale"]', "no plan is left"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "plans.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match=f"SONOGRAPH_PLANS_FILE.*{words}"):
        load_plans(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_plans(tmp_path / "nowhere.toml")


def test_an_account_whose_plan_is_gone_has_the_unpaid_one(caplog: pytest.LogCaptureFixture) -> None:
    table = PlanTable(PLANS[:2])
    assert table.of("growth") == table["free"] == table.of("growth")
    assert len(caplog.records) == 1, "said once"


@pytest.mark.database
async def test_set_plan_is_noted_and_told(pool: asyncpg.Pool, account: Make, migrated: str) -> None:
    who = await account("free")
    email = await pool.fetchval("select email from account where id = $1", who.account_id)
    heard: list[str] = []
    listener = await asyncpg.connect(migrated)
    await listener.add_listener("sonograph_account", lambda *values: heard.append(str(values[-1])))
    assert await plan_changes.set_plan(pool, PlanTable(), f" {email.upper()} ", "growth") == ("free", "growth")
    assert await plan_changes.set_plan(pool, PlanTable(), email, "growth") == ("growth", "growth")
    await listener.execute("select 1")
    await listener.close()
    assert heard == [str(who.account_id)]
    noted = await pool.fetch("select action, detail::text from audit where account_id = $1", who.account_id)
    assert [(row["action"], row["detail"]) for row in noted] == [("plan.changed", '{"new": "growth", "old": "free"}')]
    with pytest.raises(Invalid, match="free, starter, growth, scale"):
        await plan_changes.set_plan(pool, PlanTable(), email, "gold")
    with pytest.raises(NotFound):
        await plan_changes.set_plan(pool, PlanTable(), "nobody@credits.invalid", "free")
