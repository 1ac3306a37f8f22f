"""Log lines: what is in them, and what must never be."""

import json
import subprocess
import sys

import pytest

FAILING = """
import logging
from api.logs import configured
configured()
def open_with(secret):
    raise ValueError("it does not fit")
try:
    open_with("whsec_" + "hidden")
except ValueError:
    logging.getLogger("sonograph.test").exception("request %s failed", 7)
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_shows_no_local_variables(form: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FAILING],
        env={"SONOGRAPH_LOG_FORMAT": form},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "request 7 failed" in ran.stderr
    assert "ValueError: it does not fit" in ran.stderr
    assert "in open_with" in ran.stderr
    assert "whsec_hidden" not in ran.stderr
    if form == "json":
        (line,) = ran.stderr.splitlines()
        assert json.loads(line)["exception"].startswith("Traceback (most recent call last)")
