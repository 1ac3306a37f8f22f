"""The commands in scripts/ that decide about other people's changes."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPORT = """<testsuites><testsuite tests="2">
<testcase classname="tests.a" name="test_runs"/>
<testcase classname="tests.a" name="test_browser[x]"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


def check_skips(root: Path, folder: Path, report: str, allowed: str) -> subprocess.CompletedProcess[str]:
    (folder / "report.xml").write_text(report, encoding="utf-8")
    (folder / "allowed").write_text(allowed, encoding="utf-8")
    command: list[str | Path] = [
        sys.executable,
        root / "scripts/check_skips.py",
        folder / "allowed",
        folder / "report.xml",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_skip_is_refused(root: Path, tmp_path: Path) -> None:
    result = check_skips(root, tmp_path, REPORT, "# nothing is allowed\n")
    assert result.returncode == 1
    assert "tests.a::test_browser[x]: no browser" in result.stderr


def test_a_skip_with_a_reason_on_the_list_is_allowed(root: Path, tmp_path: Path) -> None:
    assert check_skips(root, tmp_path, REPORT, "tests.a::test_browser*  # needs a display\n").returncode == 0


def test_a_line_without_a_reason_is_refused(root: Path, tmp_path: Path) -> None:
    result = check_skips(root, tmp_path, REPORT, "tests.a::test_browser*\n")
    assert result.returncode == 1
    assert "only with a reason" in result.stderr


def test_a_report_without_a_run_is_refused(root: Path, tmp_path: Path) -> None:
    result = check_skips(root, tmp_path, "<testsuites><testsuite tests='0'/></testsuites>", "")
    assert result.returncode == 1
    assert "no test ran" in result.stderr


def test_ends_of_lines_and_files_are_mended(root: Path, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"a  \r\nb\t\n\n\n")
    command: list[str | Path] = [sys.executable, root / "scripts/mend_text.py", text]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    assert text.read_bytes() == b"a\nb\n"
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("command", ["true", "exit 3"])
def test_quietly_shows_the_output_of_what_fails_alone(root: Path, command: str) -> None:
    inner = ["sh", "-c", f"echo seen; {command}"]
    result = subprocess.run([root / "scripts/quietly", *inner], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == ((0, "") if command == "true" else (3, "seen\n"))


def test_hooks_are_local(root: Path) -> None:
    """A hook from elsewhere would be downloaded, and would run another version than CI."""
    repositories = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    assert all(hook["language"] == "system" for repository in repositories for hook in repository["hooks"])
