"""Settings that do not fit are refused with the variable's name."""

import pytest

from sonograph.errors import Misconfigured
from sonograph.settings import Settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "80000"),
        ("PORT", "eighty"),
        ("POOL_SIZE", "0"),
        ("STATEMENT_TIMEOUT_MS", "0"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("COMPILED_READS", "perhaps"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(variable: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"SONOGRAPH_{variable}"):
        Settings.read({f"SONOGRAPH_{variable}": value})


def test_values_are_read_and_empty_ones_are_unset() -> None:
    settings = Settings.read({"SONOGRAPH_PORT": "8099", "SONOGRAPH_LOG_LEVEL": "WARNING", "SONOGRAPH_DATABASE_URL": ""})
    assert (settings.port, settings.log_level, settings.database_url) == (8099, "WARNING", None)
    assert settings.base_url == "http://127.0.0.1:8099"
