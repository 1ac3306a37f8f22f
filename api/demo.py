"""`sonograph demo`: everything in one process on a data folder of its own, with keys made and printed."""

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from api.serve import check_address, serve
from sonograph.accounts.keys import is_well_formed
from sonograph.accounts.store import create_key, is_known
from sonograph.engine import open_database
from sonograph.settings import Settings

EMAIL = "demo@sonograph.invalid"
PLAN = "scale"


@dataclass(frozen=True, slots=True)
class DemoKeys:
    test: str
    live: str


def run(settings: Settings, console: Console) -> None:
    """Prepare, print, serve. A second start prints the same keys."""
    check_address(settings)
    settings = replace(settings, data_dir=settings.data_dir.absolute())
    with console.status("Starting PostgreSQL and filling the sandbox catalog …"):
        keys = asyncio.run(_prepare(settings))
    _print(settings, keys, console)
    serve(settings, keys.test, workers=[])
    console.print("Stopped. The data stays in", str(settings.data_dir), "and the next start takes seconds.")


async def _prepare(settings: Settings) -> DemoKeys:
    path = settings.data_dir / "demo-keys.json"
    async with open_database(settings) as dsn:
        known = _read(path)
        if known and all([await is_known(dsn, key) for key in (known.test, known.live)]):
            return known
        keys = DemoKeys(
            test=await create_key(dsn, EMAIL, PLAN, test=True, name="demo, sandbox"),
            live=await create_key(dsn, EMAIL, PLAN, test=False, name="demo, live"),
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"test": keys.test, "live": keys.live}), encoding="utf-8")
    return keys


def _read(path: Path) -> DemoKeys | None:
    try:
        keys = DemoKeys(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return keys if is_well_formed(keys.test) and is_well_formed(keys.live) else None


def _print(settings: Settings, keys: DemoKeys, console: Console) -> None:
    url = settings.base_url
    lines = (
        ("Test key", keys.test, "the sandbox catalog"),
        ("Live key", keys.live, "your own catalog, empty until you import"),
        ("GraphQL", f"{url}/graphql", "explorer in a browser"),
        ("REST", f"{url}/docs", "reference with “try it out”"),
    )
    console.print()
    for name, value, note in lines:
        console.print(f"  {name:9} {value}  ({note})", highlight=False, soft_wrap=True)
    console.print()
    console.print("  Try:", highlight=False)
    console.print(
        f"  curl -H 'x-api-key: {keys.test}' '{url}/v1/tracks/isrc/GBDUW0000053'", highlight=False, soft_wrap=True
    )
    console.print()
    console.print("  Ctrl-C stops it.", highlight=False)
    console.print()
