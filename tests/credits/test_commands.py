"""`sonograph accounts set-plan` and `grant-streams`, as an operator types them."""

import os
import subprocess
from pathlib import Path

import asyncpg

from tests.credits.conftest import Make
from tests.service import COMMAND


def sonograph(url: str, folder: Path, *words: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SONOGRAPH_")}
    environment |= {"SONOGRAPH_DATABASE_URL": url, "SONOGRAPH_DATA_DIR": str(folder)}
    ran = subprocess.run(
        [COMMAND, "accounts", *words], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    return ran.returncode, ran.stdout + ran.stderr


async def test_plans_and_streams_are_given(pool: asyncpg.Pool, account: Make, migrated: str, tmp_path: Path) -> None:
    who = await account("free")
    email = await pool.fetchval("select email from account where id = $1", who.account_id)
    assert sonograph(migrated, tmp_path, "set-plan", email, "growth") == (0, "Plan growth, was free.\n")
    code, said = sonograph(migrated, tmp_path, "set-plan", email, "gold")
    assert (code, "must be one of free, starter, growth, scale" in said) == (1, True)
    code, said = sonograph(migrated, tmp_path, "grant-streams", email, "2")
    assert code == 0, said
    assert "2 streams" in said
    assert "the next one 58.00" in said
    actions = await pool.fetch("select action from audit where account_id = $1 order by id", who.account_id)
    assert [row["action"] for row in actions] == ["plan.changed", "entitlement.changed"]
