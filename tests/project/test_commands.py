"""The list of commands is shown without loading them, and says what they say."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import COMMANDS, app, load

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    command = load(name)
    assert command.help == COMMANDS[name][1]
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: sonograph {name} " in shown.output.replace("Usage: root", "Usage: sonograph")
    assert "--install-completion" not in shown.output


def test_the_service_loads_nothing_that_hears() -> None:
    """Sound is matched in other processes; the modules for it take 0.5 s of CPU and 40 MB."""
    heard = "{'scipy', 'matplotlib', 'sonograph.recognition.matcher', 'sonograph.monitoring.hearing.hearing'}"
    code = f"import api.serve, sys; print(*{heard} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_nothing_large_is_loaded_for_the_list() -> None:
    code = (
        "import sys; from api.entry import main\n"
        "try: main()\n"
        "finally: sys.stderr.write(' '.join({'tortoise', 'redis', 'graphql', 'asyncpg', 'numpy'} & set(sys.modules)))"
    )
    for words in (["--help"], ["--version"], ["no-such-command"]):
        ended = subprocess.run(
            [sys.executable, "-c", code, *words], check=False, capture_output=True, text=True, timeout=60, cwd=ROOT
        )
        assert ended.stderr.splitlines()[-1:] in ([], ["╰" + "─" * 78 + "╯"]), ended.stderr
        assert ended.returncode == (2 if words == ["no-such-command"] else 0)


def test_a_name_that_is_mistyped_is_suggested() -> None:
    assert "Did you mean 'keys'" in CliRunner().invoke(app, ["key"]).output
