"""The generated releases of MusicBrainz as records of our JSONL: what another source would be translated into."""

import gzip
from pathlib import Path

import msgspec

from sonograph.catalog.importers.musicbrainz import read_musicbrainz
from sonograph.catalog.importers.source_file import open_source


def write_records_file(path: Path, release_dump: Path) -> None:
    encode = msgspec.json.Encoder().encode
    with open_source(release_dump) as file, gzip.open(path, "wb", compresslevel=1) as out:
        for item in read_musicbrainz(file, 0):
            for part in item.each_record():
                out.write(encode(part.record) + b"\n")
