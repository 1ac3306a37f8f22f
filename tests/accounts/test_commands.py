"""`sonograph accounts` and `sonograph keys`, as an operator runs them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from api.cli import app
from sonograph.accounts.keys import is_well_formed
from sonograph.accounts.store import is_known
from sonograph.errors import Invalid, NotFound, SonographError

EMAIL = "commands@accounts.invalid"
Run = Callable[..., str]


@pytest.fixture
def run(pool: asyncpg.Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command and gives what it printed; `fails` is the error it has to end with."""
    assert pool
    monkeypatch.setenv("SONOGRAPH_DATABASE_URL", database_url)
    monkeypatch.setenv("SONOGRAPH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("api.logs.configure", lambda _: None)  # it would keep the runner's stderr

    def command(*words: str, fails: type[SonographError] | None = None, answer: str = "") -> str:
        ended = CliRunner().invoke(app, words, input=answer)
        if fails is not None:
            assert isinstance(ended.exception, fails), ended.output
            return ended.exception.message
        assert ended.exception is None, ended.output
        return ended.stdout

    return command


def test_an_account_and_its_keys(run: Run, database_url: str) -> None:
    text = run("keys", "create", "--email", EMAIL, "--plan", "growth", "--test", "--name", "[red]first").splitlines()[
        -1
    ]
    assert is_well_formed(text)
    refusal = run("keys", "create", "--email", EMAIL.upper(), "--plan", "free", fails=Invalid)
    assert "has the plan growth" in refusal
    shown = run("accounts", "show", EMAIL)
    assert "growth" in shown
    assert "[red]first" in shown
    number = run("keys", "list", "--email", EMAIL).split()[0]
    rotated = run("keys", "rotate", number, "--overlap", "0").splitlines()[-1]
    assert asyncio.run(is_known(database_url, rotated))
    assert not asyncio.run(is_known(database_url, text))
    assert f"There is no key {number} in force" in run("keys", "revoke", number, fails=NotFound)
    lines = run("accounts", "audit", EMAIL).splitlines()
    assert [line.split()[2:4] for line in lines] == [
        ["key.rotated", "operator"],
        ["key.created", "operator"],
        ["account.created", "operator"],
    ]
    assert f"Key rotated: [red]first svk_test_…{text[-4:]} → [red]first svk_test_…{rotated[-4:]}" in lines[0]
    assert "{" not in "".join(lines)
    held = json.loads(run("accounts", "export", EMAIL))
    assert held["account"]["email"] == EMAIL
    assert len(held["api_key"]) == 2
    assert "1 keys in force" in run("accounts", "delete", EMAIL, answer="y\n")
    assert f"There is no account {EMAIL}" in run("accounts", "show", EMAIL, fails=NotFound)


def test_limits_of_keys_are_listed(run: Run) -> None:
    limits = ("--scope", "read", "--scope", "account", "--network", "10.0.0.0/8", "--name", "cron")
    run("keys", "create", "--email", "listed@accounts.invalid", *limits)
    run("keys", "create", "--email", "listed@accounts.invalid")
    limited, unlimited = run("keys", "list", "--email", "listed@accounts.invalid").splitlines()
    assert "scopes read,account; networks 10.0.0.0/8 cron" in limited
    assert "scopes all; networks all" in unlimited


async def test_a_plan_that_is_gone(run: Run, pool: asyncpg.Pool) -> None:
    email = "bygone@accounts.invalid"
    await asyncio.to_thread(run, "accounts", "create", email)
    assert "free" in await asyncio.to_thread(run, "accounts", "show", email)
    await pool.execute("update accounts.account set plan = 'bygone' where email = $1", email)
    assert "free, because there is no plan bygone any more" in await asyncio.to_thread(run, "accounts", "show", email)
