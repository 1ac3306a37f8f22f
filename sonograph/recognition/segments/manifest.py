"""The manifest: which segments make up the index, and which of their references are gone.

A small JSON file, replaced as a whole. A change of the index is one new manifest; who reads it sees all of the change
or none.
"""

import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Unavailable
from sonograph.recognition.segments.files import replace

NAME = "manifest.json"
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment of the index. `gone` names the file of references that were removed since it was built."""

    segment: str
    extent: int
    references: int
    gone: str | None = None
    gone_references: int = 0
    gone_extent: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    generation: int
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a folder; an empty one where there is none yet."""
        try:
            document = json.loads((folder / NAME).read_bytes())
        except FileNotFoundError:
            return cls(0, ())
        except ValueError:
            raise _damaged(folder / NAME) from None
        if not isinstance(document, dict) or zlib.crc32(_text(document.get("index"))) != document.get("crc"):
            raise _damaged(folder / NAME)
        body = document["index"]
        if body.get("version") != _VERSION:
            raise Unavailable(f"{folder / NAME} is of another version: build the index anew.")
        return cls(body["generation"], tuple(Entry(**entry) for entry in body["entries"]))

    def write(self, folder: Path) -> None:
        body = {
            "version": _VERSION,
            "generation": self.generation,
            "entries": [asdict(entry) for entry in self.entries],
        }
        text = json.dumps({"index": body, "crc": zlib.crc32(_text(body))}, indent=1).encode()
        replace(folder / NAME, lambda file: file.write(text))

    def files(self) -> set[str]:
        return {NAME} | {name for entry in self.entries for name in (entry.segment, entry.gone) if name}


def stamp(folder: Path) -> tuple[int, int, int]:
    """Changes with every manifest; costs one system call."""
    try:
        of = (folder / NAME).stat()
    except FileNotFoundError:
        return 0, 0, 0
    return of.st_mtime_ns, of.st_ino, of.st_size


def write_gone(path: Path, gone: NDArray[np.bool_]) -> None:
    """Which references of a segment are gone, a bit each, with a checksum."""
    bits = np.packbits(gone).tobytes()
    replace(path, lambda file: file.write(zlib.crc32(bits).to_bytes(4) + bits))


def read_gone(path: Path, references: int) -> NDArray[np.bool_]:
    content = path.read_bytes()
    bits = content[4:]
    if len(bits) != (references + 7) // 8 or zlib.crc32(bits).to_bytes(4) != content[:4]:
        raise _damaged(path)
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=references).astype(np.bool_)


def _text(body: object) -> bytes:
    return json.dumps(body, sort_keys=True).encode()


def _damaged(path: Path) -> Unavailable:
    return Unavailable(f"{path} is damaged: build the index anew.")
