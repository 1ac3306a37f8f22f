"""Refuses skipped tests: reads pytest's JUnit reports, and the list of tests that may be skipped (with a reason each).

`check_skips.py .ci/allowed-skips REPORT.xml…`; exit status 1 if anything else was skipped, or nothing ran.
"""

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from lxml import etree


class Skip(NamedTuple):
    test: str  # "tests.project.test_locks::test_name", as the report names it
    reason: str


def allowed(text: str) -> list[str]:
    """Patterns of tests, from lines "PATTERN  # reason"; a pattern without a reason is refused."""
    patterns = []
    for line in text.splitlines():
        pattern, _, reason = (part.strip() for part in line.partition("#"))
        if not pattern:
            continue
        if not reason:
            raise SystemExit(f"{pattern}: a skip is allowed only with a reason (PATTERN  # reason)")
        patterns.append(pattern)
    return patterns


def read(report: Path) -> tuple[int, list[Skip]]:
    """How many tests ran, and those that did not (skipped, or expected to fail)."""
    cases = list(etree.parse(report).iterfind(".//testcase"))
    skips = [
        Skip(f"{case.get('classname')}::{case.get('name')}", skip.get("message") or "no reason given")
        for case in cases
        for skip in case.findall("skipped")
    ]
    return len(cases) - len(skips), skips


def main(list_of_allowed: str, *reports: str) -> int:
    patterns = allowed(Path(list_of_allowed).read_text(encoding="utf-8"))
    status = 0
    for report in reports:
        ran, skips = read(Path(report))
        refused = [skip for skip in skips if not any(fnmatchcase(skip.test, pattern) for pattern in patterns)]
        for skip in refused:
            sys.stderr.write(f"skipped, but must run here: {skip.test}: {skip.reason}\n")
        if not ran:
            sys.stderr.write(f"{report}: no test ran\n")
        if refused or not ran:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
