"""Writes a generated dump and imports it.

    python -m benchmarks.importers musicbrainz|discogs|mlc|jsonl SERVER [--tracks N] [--folder F]

SERVER is the postgresql:// URL of a server on which a database of our own is made and dropped. Files are kept in the
folder, if one is named, and used again.
"""

import argparse
import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.importers.discogs_excerpt import write_repeated
from benchmarks.importers.measure import measure
from benchmarks.importers.mlc_feed import MANIFEST, write_feed
from benchmarks.importers.musicbrainz_dump import write_release_dump
from benchmarks.importers.records_file import write_records_file

FILES = {
    "musicbrainz": "release.tar.xz",
    "discogs": "releases.xml.gz",
    "mlc": MANIFEST,
    "jsonl": "records.jsonl.gz",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=tuple(FILES))
    parser.add_argument("server")
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = _dump(asked.kind, folder, asked.tracks)
        asyncio.run(measure(asked.server, asked.kind, path, folder, asked.tracks))


def _dump(kind: str, folder: Path, tracks: int) -> Path:
    made = folder / f"{kind}-{tracks}"
    path = made / FILES[kind]
    if not path.exists():
        made.mkdir(parents=True, exist_ok=True)
        source = _dump("musicbrainz", folder, tracks) if kind == "jsonl" else path
        started = time.monotonic()
        if kind == "musicbrainz":
            write_release_dump(path, tracks)
        elif kind == "discogs":
            write_repeated(path, tracks)
        elif kind == "jsonl":
            write_records_file(path, source)
        else:
            write_feed(made, tracks)
        size = sum(file.stat().st_size for file in made.iterdir())
        print(f"{made}: {size / 1e6:,.0f} MB, written in {time.monotonic() - started:.0f} s")
    return path


if __name__ == "__main__":
    main()
