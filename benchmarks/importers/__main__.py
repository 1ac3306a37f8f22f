"""Writes a generated dump and imports it.

    python -m benchmarks.importers musicbrainz|mlc SERVER [--tracks N] [--folder F]

SERVER is the postgresql:// URL of a server on which a database of our own is made and dropped. Files are kept in the
folder, if one is named, and used again.
"""

import argparse
import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.importers.measure import measure
from benchmarks.importers.mlc_feed import MANIFEST, write_feed
from benchmarks.importers.musicbrainz_dump import write_release_dump


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("musicbrainz", "mlc"))
    parser.add_argument("server")
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = _dump(asked.kind, folder, asked.tracks)
        asyncio.run(measure(asked.server, asked.kind, [path], folder))


def _dump(kind: str, folder: Path, tracks: int) -> Path:
    folder = folder / f"{kind}-{tracks}"
    path = folder / ("release.tar.xz" if kind == "musicbrainz" else MANIFEST)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        if kind == "musicbrainz":
            write_release_dump(path, tracks)
        else:
            write_feed(folder, tracks)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f"{folder}: {size / 1e6:,.0f} MB, written in {time.monotonic() - started:.0f} s")
    return path


if __name__ == "__main__":
    main()
