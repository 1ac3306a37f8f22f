"""Persisted operations: texts known by an id. Clients register them as they go (Apollo's automatic persisted queries),
or an operator loads a manifest at start and may allow nothing else.

Manifests are what clients' build tools write: Apollo's `apollo-persisted-query-manifest` (`{"format", "version",
"operations": [{"id", "body"}]}`), or Relay's `{id: text}`.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from schema.projection.plans import Plans
from sonograph.errors import Misconfigured

MAX_REGISTERED = 1000  # texts that clients registered, of at most 20,000 characters each
MAX_MANIFEST = 100_000  # operations: each is validated at start, 2 ms for a large one
FORMAT = "apollo-persisted-query-manifest"
SETTING = "SONOGRAPH_PERSISTED_OPERATIONS"
PREFIX = "sha256:"


class PersistedOnly(Exception):  # an answer, not a fault
    """The operation is none of the manifest's, and no other one is served."""


class NotRegistered(Exception):  # an answer, not a fault
    """Nobody has registered a text under this id."""


class Mismatch(Exception):  # an answer, not a fault
    """The id is not the SHA-256 of the text."""


class Persisted:
    """Texts by id: the manifest's, which stay, and those that clients registered, least recently used out first."""

    def __init__(self, manifest: Mapping[str, str], *, only: bool = False) -> None:
        self._manifest, self._only = dict(manifest), only
        self._allowed = frozenset(manifest.values()) if only else frozenset[str]()
        self._registered: OrderedDict[str, str] = OrderedDict()

    def __len__(self) -> int:
        """Operations of the manifest."""
        return len(self._manifest)

    def by_id(self, given: str) -> str:
        """The text of an id; raises `NotRegistered`."""
        known = self._manifest.get(given)
        if known is not None:
            return known
        digest = given.removeprefix(PREFIX)
        known = self._manifest.get(digest) or self._registered.get(digest)
        if known is None:
            raise NotRegistered
        if digest in self._registered:
            self._registered.move_to_end(digest)
        return known

    def check(self, text: str) -> None:
        """Raise `PersistedOnly` for a text that is not served here."""
        if self._only and text not in self._allowed:
            raise PersistedOnly

    def register(self, digest: str, text: str) -> None:
        """Remember a text under its SHA-256; raises `Mismatch` and `PersistedOnly`."""
        self.check(text)
        if digest in self._manifest and self._manifest[digest] == text:
            return
        if sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != digest:
            raise Mismatch
        self._registered[digest] = text
        if len(self._registered) > MAX_REGISTERED:
            self._registered.popitem(last=False)


def load_persisted(path: Path | None, plans: Plans, *, only: bool) -> Persisted:
    """The operations of a manifest, or of all `*.json` in a folder, each held to the schema and to the bounds.

    Raises `Misconfigured` with the file and the id that is wrong.
    """
    if path is None:
        if only:
            raise Misconfigured(f"SONOGRAPH_PERSISTED_ONLY: needs {SETTING}, the operations that are served")
        return Persisted({})
    manifest: dict[str, str] = {}
    for file in _files(path):
        for given, text in _operations(file):
            if manifest.setdefault(given, text) != text:
                raise Misconfigured(f"{SETTING}: {file}: {given[:100]!r} is another operation elsewhere")
            if len(manifest) > MAX_MANIFEST:
                raise Misconfigured(f"{SETTING}: more than {MAX_MANIFEST} operations")
            errors = plans.get(text).errors
            if errors:
                raise Misconfigured(f"{SETTING}: {file}: {given[:100]!r}: {errors[0].message}")
    if not manifest:
        raise Misconfigured(f"{SETTING}: {path} holds no operations")
    return Persisted(manifest, only=only)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.json"))
    return [path]


def _operations(file: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of each operation in a file."""
    try:
        given: Any = orjson.loads(file.read_bytes())
    except OSError as error:
        raise Misconfigured(f"{SETTING}: {file} cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise Misconfigured(f"{SETTING}: {file} is not JSON: {error}") from None
    if isinstance(given, dict) and given.get("format") == FORMAT:
        if given.get("version") != 1 or not isinstance(given.get("operations"), list):
            raise Misconfigured(f"{SETTING}: {file}: version 1 of {FORMAT} with operations is understood")
        pairs: Any = [
            (o.get("id"), o.get("body")) if isinstance(o, dict) else (None, None) for o in given["operations"]
        ]
    elif isinstance(given, dict):
        pairs = given.items()
    else:
        raise Misconfigured(f"{SETTING}: {file} is no manifest: an object of ids and texts, or {FORMAT}")
    for name, text in pairs:
        if not isinstance(name, str) or not name or not isinstance(text, str):
            raise Misconfigured(f"{SETTING}: {file}: operation {name!r} has no id or no text")
        yield name, text
