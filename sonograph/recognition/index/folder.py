"""Where the index of a catalog lies, and who may change it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sonograph.errors import Unavailable
from sonograph.postgres.folder_lock import open_own, taken
from sonograph.recognition.index.kinds import Indexed
from sonograph.recognition.index.snapshot import Snapshot
from sonograph.recognition.index.state import State, read_state, write_state
from sonograph.recognition.segments.manifest import NAME as MANIFEST
from sonograph.recognition.segments.view import View
from sonograph.recognition.segments.writer import Writer

_NAMES = {"catalog": "live", "sandbox": "sandbox"}


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of fingerprint of one catalog on this machine."""

    folder: Path  # of segments, in use
    state: Path  # how far they have come
    rebuilt: Path  # of segments that are to take the place of those in use, or are being built
    rebuilding: Path  # how far they have come
    ready: Path  # the same, once they are whole


def catalog_folder(data_dir: Path, schema: str) -> Path:
    """The folder of a catalog's index: in it `items` and `landmarks`."""
    return data_dir / "index" / _NAMES[schema]


def place_of(folder: Path, indexed: Indexed) -> Place:
    name = indexed.name
    return Place(
        folder / name,
        folder / f"{name}.json",
        folder / f"{name}.rebuilt",
        folder / f"{name}.rebuilding.json",
        folder / f"{name}.rebuilt.json",
    )


@contextmanager
def sole(folder: Path, name: str = "owner.lock") -> Iterator[bool]:
    """Whether this process alone has the lock of a folder, for the block; the kernel frees it with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = open_own(folder / name, os.O_RDWR)
    try:
        yield taken(descriptor)
    finally:
        os.close(descriptor)


def open_writer(place: Place, indexed: Indexed, database: str, now: Snapshot) -> tuple[Writer, State, str | None]:
    """The folder ready for changes and how far it has come; and, where it begins from nothing, why.

    A folder that is damaged, of another version or of another database is emptied: what is found there would be wrong.
    """
    state = read_state(place.state)
    why = None
    if state is None and (place.folder / MANIFEST).exists():
        why = "nothing says how far it has come"
    elif state and state.database != database:
        why = "it is of another database"
    elif state and state.seen.end > now.end:
        why = "it has seen changes that the database has not"
    elif state and not (place.folder / MANIFEST).exists() and state != State(state.database):
        why = "it is gone"
    else:
        try:
            View(place.folder, indexed.kind.open)
        except (Unavailable, FileNotFoundError) as error:
            why = str(error)
    if why:
        empty(place)
    writer = Writer(place.folder, indexed.kind)
    if state is None or why:
        state = State(database)
        write_state(place.state, state)
    return writer, state, why


def empty(place: Place) -> None:
    """Removes what is in use: the manifest before its files, so that who searches sees an empty index at worst."""
    place.state.unlink(missing_ok=True)
    (place.folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(place.folder, ignore_errors=True)


def adopt(writer: Writer, place: Place, ready: State) -> None:
    """What was built anew takes the place of what is in use. Killed in the middle, it is done again."""
    writer.adopt(place.rebuilt)
    write_state(place.state, ready)
    discard(place)


def discard(place: Place) -> None:
    """Removes what was built to take the place of what is in use."""
    place.ready.unlink(missing_ok=True)
    place.rebuilding.unlink(missing_ok=True)
    shutil.rmtree(place.rebuilt, ignore_errors=True)
