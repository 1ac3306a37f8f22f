"""Documents in the shape of MusicBrainz' dumps, and files of them. All names and codes are made up."""

import io
import json
import lzma
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sonograph.catalog.importers.items import Item
from sonograph.catalog.importers.musicbrainz import read_musicbrainz
from sonograph.catalog.importers.source_file import open_source
from sonograph.catalog.records import AnyRecord


def mbid(number: int) -> str:
    return str(UUID(int=number, version=4))


GROUP, EDITION, REISSUE, SONG, OTHER_SONG, WORK, LABEL = map(mbid, range(1, 8))
BAND, GUEST, REMIXER, WRITER = map(mbid, range(11, 15))


def credit(artist: str, name: str, joinphrase: str = "", credited_as: str = "") -> dict[str, Any]:
    return {
        "name": credited_as or name,
        "joinphrase": joinphrase,
        "artist": {"id": artist, "name": name, "sort-name": name, "disambiguation": "", "type": "Group"},
    }


def relation(kind: str, target: str, body: dict[str, Any], /, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "target-type": target,
        target: body,
        "direction": "backward",
        "attributes": [],
        "attribute-values": {},
        "begin": None,
        "end": None,
        "ended": False,
        "source-credit": "",
        "target-credit": "",
        **more,
    }


def url(resource: str, /, **more: Any) -> dict[str, Any]:
    return relation("free streaming", "url", {"id": mbid(99), "resource": resource}, **more)


def by(kind: str, artist: str, name: str, /, **more: Any) -> dict[str, Any]:
    return relation(kind, "artist", {"id": artist, "name": name, "sort-name": name}, **more)


def work(**more: Any) -> dict[str, Any]:
    return {
        "id": WORK,
        "title": "Lantern",
        "iswcs": ["T-000.000.001-0"],
        "type": "Song",
        "attributes": [],
        "languages": ["eng"],
        "relations": [by("composer", WRITER, "Ina Quill"), by("publishing", LABEL, "A publisher")],
        **more,
    }


def recording(source_id: str = SONG, title: str = "Lantern", /, **more: Any) -> dict[str, Any]:
    return {
        "id": source_id,
        "title": title,
        "length": 215_400,
        "video": False,
        "disambiguation": "",
        "first-release-date": "1999-03-08",
        "isrcs": [],
        "artist-credit": [credit(BAND, "The Paper Boats")],
        "relations": [],
        "genres": [],
        "tags": [],
        **more,
    }


def track(position: int, recorded: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": mbid(1000 + position),
        "position": position,
        "number": str(position),
        "title": "As the sleeve prints it",
        "length": 1,
        "artist-credit": [credit(BAND, "The Paper Boats")],
        "recording": recorded,
    }


def medium(*recorded: dict[str, Any], **more: Any) -> dict[str, Any]:
    tracks = [track(position, each) for position, each in enumerate(recorded, start=1)]
    return {"position": 1, "format": "CD", "title": "", "track-count": len(tracks), "tracks": tracks, **more}


def group(source_id: str = GROUP, title: str = "Harbour", /, **more: Any) -> dict[str, Any]:
    return {
        "id": source_id,
        "title": title,
        "primary-type": "Album",
        "secondary-types": [],
        "first-release-date": "1999-03-08",
        "artist-credit": [credit(BAND, "The Paper Boats")],
        **more,
    }


def release(source_id: str = EDITION, /, **more: Any) -> dict[str, Any]:
    return {
        "id": source_id,
        "title": "Harbour (first pressing)",
        "status": "Official",
        "date": "1999-03-08",
        "country": "GB",
        "barcode": "4006381333931",
        "packaging": None,
        "artist-credit": [credit(BAND, "The Paper Boats")],
        "label-info": [
            {"catalog-number": "PAPER 1", "label": {"id": LABEL, "name": "Paper", "label-code": None}},
        ],
        "release-events": [{"date": "1999-03-08", "area": {"id": mbid(98), "name": "United Kingdom"}}],
        "release-group": group(),
        "media": [medium(recording())],
        "relations": [],
        **more,
    }


def artist(source_id: str = BAND, name: str = "The Paper Boats", /, **more: Any) -> dict[str, Any]:
    return {
        "id": source_id,
        "name": name,
        "sort-name": name,
        "type": "Group",
        "gender": None,
        "country": "GB",
        "area": {"id": mbid(98), "name": "Leeds"},
        "aliases": [],
        "isnis": [],
        "ipis": [],
        "life-span": {"begin": None, "end": None, "ended": False},
        "relations": [],
        **more,
    }


def label(source_id: str = LABEL, name: str = "Paper", /, **more: Any) -> dict[str, Any]:
    span = {"begin": None, "end": None, "ended": False}
    return {
        "id": source_id,
        "name": name,
        "sort-name": name,
        "label-code": None,
        "life-span": span,
        "aliases": [],
        **more,
    }


def lines(documents: Sequence[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def plain(path: Path, *documents: dict[str, Any]) -> Path:
    path.write_bytes(lines(documents))
    return path


def archive(path: Path, entity: str, *documents: dict[str, Any]) -> Path:
    """A .tar.xz as it is published, with the notes in front."""
    members = {"TIMESTAMP": b"2026-01-01\n", "COPYING": b"CC0\n", f"mbdump/{entity}": lines(documents)}
    with lzma.open(path, "wb", preset=0) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for name, text in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return path


def read(path: Path, *, tags: bool = False, skip: int = 0) -> list[Item]:
    with open_source(path) as file:
        return list(read_musicbrainz(file, skip, tags=tags))


def records(path: Path, *documents: dict[str, Any], tags: bool = False) -> list[AnyRecord]:
    """All records that documents make, in the order in which they are written."""
    items = read(plain(path / "dump", *documents), tags=tags)
    assert [item.rejection for item in items if item.rejection] == []
    return [part.record for item in items for part in item.each_record() if isinstance(part.record, AnyRecord)]
