"""Where commands that only read begin: in a wrong folder they would make an empty database and find nothing in it."""

from sonograph.errors import Misconfigured
from sonograph.settings import Settings


def check_data(settings: Settings) -> None:
    """Raises `Misconfigured` where neither a database is named nor the data folder has one."""
    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        raise Misconfigured(
            f"There is no data in {settings.data_dir.absolute()}: run this in the folder where the service is run, "
            "or set SONOGRAPH_DATA_DIR."
        )
