"""Songs of the sandbox, and an index of some of them, made once."""

from itertools import islice
from pathlib import Path

import pytest

from sonograph.recognition.matcher import Matcher
from sonograph.recognition.sandbox.tunes import tunes
from tests.monitoring_hearing.shows import Sound, rendered
from tests.recognition.songs import index

KNOWN = 5
SECONDS = 50.0


@pytest.fixture(scope="session")
def songs() -> list[Sound]:
    """50 s each. The first ones are in the index, as references 0 to 4; the last one is a stranger."""
    return [rendered(tune, SECONDS) for tune in islice(tunes(), KNOWN + 1)]


@pytest.fixture(scope="session")
def matcher(songs: list[Sound], tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    folder: Path = tmp_path_factory.mktemp("hearing")
    index(folder, enumerate(songs[:KNOWN]))
    return Matcher(folder)
