"""`sonograph demo`: everything in one process on a data folder of its own, with an account and keys made and printed.

The account's password is made by chance for each data folder and printed on the terminal, nowhere else: whoever reaches
the port has no more than the public test key.
"""

import asyncio
import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from api.serve import check_address, serve
from sonograph import clock
from sonograph.accounts import directory
from sonograph.accounts.entitlements import allowed_streams, set_streams
from sonograph.accounts.keys import is_well_formed
from sonograph.accounts.passwords import Passwords
from sonograph.accounts.store import create_key, is_known, opened
from sonograph.engine import open_database
from sonograph.monitoring.streams import STATION_PATH, ensure_station
from sonograph.recognition.sandbox.making import clip
from sonograph.settings import Settings

EMAIL = "demo@sonograph.internal"
PLAN = "scale"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
GROUPS, GROUP = 3, 4  # letters of the password: 59 bits
STREAMS = 5  # live streams that the account may watch
CLIP = "clip.wav"  # ten seconds of a song of the sandbox, in the data folder


@dataclass(frozen=True, slots=True)
class Demo:
    test: str
    live: str
    password: str


def run(settings: Settings, console: Console) -> None:
    """Prepare, print, serve. A second start prints the same keys."""
    check_address(settings)
    settings = replace(settings, data_dir=settings.data_dir.absolute())
    with console.status("Starting PostgreSQL and filling the sandbox catalog …"):
        demo = asyncio.run(_prepare(settings))
    _print(settings, demo, console)
    serve(settings, demo.test, workers=[])
    console.print("Stopped. The data stays in", str(settings.data_dir), "and the next start takes seconds.")


async def _prepare(settings: Settings) -> Demo:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path, sample = settings.data_dir / "demo-keys.json", settings.data_dir / CLIP
    if not sample.exists():
        sample.write_bytes(await asyncio.to_thread(clip))
    async with open_database(settings) as dsn:
        known = _read(path)
        if known and all([await is_known(dsn, key) for key in (known.test, known.live)]):
            await _furnish_account(settings, dsn)
            return known
        demo = Demo(
            test=await create_key(dsn, EMAIL, PLAN, test=True, name="demo, sandbox"),
            live=await create_key(dsn, EMAIL, PLAN, test=False, name="demo, live"),
            password="-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS)),
        )
        await _make_account(dsn, demo.password)
        await _furnish_account(settings, dsn)
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(demo)), encoding="utf-8")
    return demo


async def _make_account(dsn: str, password: str) -> None:
    """The account has a password and may review suggestions, so that every page can be looked at."""
    hasher = await asyncio.to_thread(Passwords)
    try:
        async with opened(dsn) as pool:
            await directory.set_reviewer(pool, EMAIL, reviewer=True)
            await directory.set_password(pool, hasher, EMAIL, password)
    finally:
        hasher.close()


async def _furnish_account(settings: Settings, dsn: str) -> None:
    """Some live streams may be watched, and the sandbox station is, for test keys, at the address of this start."""
    async with opened(dsn) as pool:
        account = await directory.find(pool, EMAIL)
        now = clock.now()
        if not await allowed_streams(pool, account.id, now):
            await set_streams(pool, account.id, STREAMS, now)
        await ensure_station(pool, account.id, settings.base_url)


def _read(path: Path) -> Demo | None:
    try:
        demo = Demo(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return demo if is_well_formed(demo.test) and is_well_formed(demo.live) else None


def _print(settings: Settings, demo: Demo, console: Console) -> None:
    url = settings.base_url
    lines = (
        ("Test key", demo.test, "the sandbox catalog"),
        ("Live key", demo.live, "your own catalog, empty until you import"),
        ("GraphQL", f"{url}/graphql", "explorer in a browser"),
        ("REST", f"{url}/docs", "reference with “try it out”"),
        ("Dashboard", f"{url}/sign-in", "keys, usage, streams, account"),
        ("", EMAIL, f"its password: {demo.password}"),
        ("Radio", f"{url}{STATION_PATH}", "the sandbox station, for any player"),
    )
    console.print()
    for name, value, note in lines:
        console.print(f"  {name:9} {value}  ({note})", highlight=False, soft_wrap=True)
    console.print()
    console.print("  Try:", highlight=False)
    console.print(
        f"  curl -H 'x-api-key: {demo.test}' '{url}/v1/tracks/isrc/GBDUW0000053'", highlight=False, soft_wrap=True
    )
    console.print(
        f"  curl -H 'x-api-key: {demo.test}' -H 'content-type: audio/wav' --data-binary '@{settings.data_dir / CLIP}' "
        f"'{url}/v1/tracks/identify'",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"  curl -N -H 'x-api-key: {demo.test}' '{url}/v1/streams/live'   "
        "(what the sandbox station plays, within a minute)",
        highlight=False,
        soft_wrap=True,
    )
    console.print()
    console.print("  Ctrl-C stops it.", highlight=False)
    console.print()
