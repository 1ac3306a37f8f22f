from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.running import Demo, free_port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    running = Demo(folder, free_port())
    yield running
    if running.process.poll() is None:
        assert running.stop() == 0
