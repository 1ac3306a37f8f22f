"""How far a folder of the index has come: a small file beside it, replaced as a whole."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from sonograph.recognition.index.snapshot import NOTHING, Snapshot
from sonograph.recognition.segments.files import replace


@dataclass(frozen=True, slots=True)
class State:
    """All changes seen up to a snapshot; of the next one, up to `target`, those up to a place.

    A place is (transaction, reference). `database` tells whose references these are.
    """

    database: str
    seen: Snapshot = NOTHING
    target: Snapshot | None = None
    place: tuple[int, int] = (0, 0)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    database: str
    seen: str
    target: str | None
    place: tuple[int, int]


def read_state(path: Path) -> State | None:
    """None where there is none, and for a file that cannot be read: the index is then built anew."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
        target = Snapshot.parse(file.target) if file.target else None
        return State(file.database, Snapshot.parse(file.seen), target, file.place)
    except (FileNotFoundError, msgspec.DecodeError, ValueError):
        return None


def write_state(path: Path, state: State) -> None:
    file = _File(state.database, str(state.seen), str(state.target) if state.target else None, state.place)
    content = msgspec.json.encode(file)
    replace(path, lambda out: out.write(content))
