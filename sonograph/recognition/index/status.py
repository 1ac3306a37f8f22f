"""How the index of a catalog stands to the database."""

from dataclasses import dataclass
from pathlib import Path

from sonograph.errors import Unavailable
from sonograph.recognition.index.folder import catalog_folder, place_of, sole
from sonograph.recognition.index.kinds import KINDS
from sonograph.recognition.index.state import read_state
from sonograph.recognition.index.store import Feed, open_feed
from sonograph.recognition.segments.manifest import Entry, Manifest


@dataclass(frozen=True, slots=True)
class Status:
    """Of one kind of fingerprint."""

    kind: str
    stored: int  # references in the database
    indexed: int  # in the index
    behind: int | None  # changes that it has not taken up; None where the folder is not of this database, or damaged
    segments: int
    bytes: int
    followed: bool  # whether a process keeps it up to date


async def status(dsn: str, data_dir: Path, schema: str) -> list[Status]:
    """Of both kinds."""
    folder = catalog_folder(data_dir, schema)
    with sole(folder) as ours:
        followed = not ours
    async with open_feed(dsn, schema) as feed:
        return [await _status(feed, folder, kind, followed=followed) for kind in range(len(KINDS))]


async def _status(feed: Feed, folder: Path, kind: int, *, followed: bool) -> Status:
    indexed = KINDS[kind]
    place = place_of(folder, indexed)
    now, database, stored = await feed.snapshot(), await feed.database(), await feed.count(indexed.column)
    state = read_state(place.state)
    entries: tuple[Entry, ...] = ()
    behind = None
    try:
        entries = Manifest.read(place.folder).entries
    except Unavailable:
        state = None
    if state and state.database == database:
        behind = await feed.changes(state.seen, now)
    return Status(
        indexed.name,
        stored,
        sum(entry.references - entry.gone_references for entry in entries),
        behind,
        len(entries),
        sum(path.stat().st_size for path in place.folder.glob("*") if path.is_file()),
        followed,
    )
