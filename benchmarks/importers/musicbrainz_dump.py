"""A release dump in the shape of MusicBrainz' own: documents with all the members that importers pass over, too.

A release has twelve tracks on average; every sixth one is an edition of the release before with the same recordings.
A third of the recordings has an ISRC, a quarter a work with an ISWC, a sixth a link to a platform.
"""

import io
import lzma
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from benchmarks.catalog.codes import barcode, isrc, iswc, platform_id
from benchmarks.importers.world import SEED, World, mbid
from sonograph.catalog.vocabulary import Platform

ARTIST, LABEL, RECORDING, RELEASE, GROUP, TRACK, WORK, TYPE, AREA = range(9)
_COUNTRIES = (
    ("US", "United States"),
    ("GB", "United Kingdom"),
    ("DE", "Germany"),
    ("JP", "Japan"),
    ("XW", "[Worldwide]"),
)
_FORMATS = ("CD", "Digital Media", '12" Vinyl', "CD", "Digital Media", "Cassette")
_PAGES = (
    (Platform.SPOTIFY, "https://open.spotify.com/track/{}"),
    (Platform.YOUTUBE, "https://www.youtube.com/watch?v={}"),
    (Platform.APPLE_MUSIC, "https://music.apple.com/us/song/{}"),
    (Platform.TIDAL, "https://tidal.com/track/{}"),
)
_encode = msgspec.json.Encoder().encode


class ReleaseDump:
    """Documents for at least so many tracks on releases."""

    def __init__(self, tracks: int) -> None:
        self._tracks = tracks
        self._world = World(tracks)
        self._random = Random(SEED + 1)
        self._recordings = 0

    def documents(self) -> Iterator[bytes]:
        placed, number = 0, 0
        last: list[dict[str, Any]] = []
        group = 0
        while placed < self._tracks:
            again = bool(last) and number % 6 == 5
            if not again:
                group = number
                last = self._recorded()
            placed += len(last)
            yield _encode(self._release(number, group, last))
            number += 1

    def _recorded(self) -> list[dict[str, Any]]:
        size = self._random.choice((1, 2, 4, 10, 11, 12, 12, 13, 14, 16, 18, 31))
        main = self._world.artist(self._random)
        return [self._recording(main) for _ in range(size)]

    def _recording(self, main: int) -> dict[str, Any]:
        random, number = self._random, self._recordings
        self._recordings += 1
        credit = [self._credit(main, "")]
        if random.random() < 0.1:
            credit = [self._credit(main, " feat. "), self._credit(self._world.artist(random), "")]
        relations = [self._by(random, "producer"), self._by(random, "mix"), self._by(random, "instrument")]
        title = self._world.title(random)
        if number % 4 == 0:
            work = {
                **_named(WORK, number),
                "title": title,
                "iswcs": [iswc(number)],
                "relations": [self._by(random, "composer"), self._by(random, "lyricist")],
                "attributes": [],
                "language": "eng",
                "languages": ["eng"],
                "type": "Song",
                "type-id": mbid(TYPE, 1),
            }
            relations.append(_relation("performance", "work", {"work": work}))
        if number % 6 == 0:
            platform, page = _PAGES[number // 6 % len(_PAGES)]
            url = {"id": mbid(TYPE, number), "resource": page.format(platform_id(platform, number, random))}
            relations.append(_relation("free streaming", "url", {"url": url}))
        return {
            **_named(RECORDING, number),
            "title": title,
            "length": random.randint(120_000, 420_000),
            "video": False,
            "isrcs": [isrc(number, 0)] if number % 3 == 0 else [],
            "artist-credit": credit,
            "first-release-date": "2001-02-03",
            "aliases": [],
            "annotation": None,
            "genres": [{"id": mbid(TYPE, 7), "name": "house", "count": 2, "disambiguation": ""}]
            if number % 5 == 0
            else [],
            "tags": [{"name": "house", "count": 2}, {"name": "seen live", "count": 1}] if number % 5 == 0 else [],
            "rating": {"value": None, "votes-count": 0},
            "relations": relations,
        }

    def _credit(self, artist: int, joinphrase: str) -> dict[str, Any]:
        name = self._world.artist_name(artist)
        return {"name": name, "joinphrase": joinphrase, "artist": self._artist(artist)}

    def _artist(self, number: int) -> dict[str, Any]:
        name = self._world.artist_name(number)
        return {
            **_named(ARTIST, number),
            "name": name,
            "sort-name": name,
            "type": "Person",
            "type-id": mbid(TYPE, 2),
            "country": "US",
            "aliases": [],
            "genres": [],
            "tags": [],
        }

    def _by(self, random: Random, kind: str) -> dict[str, Any]:
        return _relation(kind, "artist", {"artist": self._artist(self._world.artist(random))})

    def _release(self, number: int, group: int, recorded: list[dict[str, Any]]) -> dict[str, Any]:
        random = self._random
        title = self._world.title(Random(SEED + group))
        code, country = random.choice(_COUNTRIES)
        date = f"{random.randint(1970, 2025)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        label = number % self._world.labels
        area = {**_named(AREA, 1), "name": country, "sort-name": country, "iso-3166-1-codes": [code]}
        return {
            **_named(RELEASE, number),
            "title": title,
            "status": "Official",
            "status-id": mbid(TYPE, 3),
            "quality": "normal",
            "packaging": "Jewel Case",
            "packaging-id": mbid(TYPE, 4),
            "date": date,
            "country": code,
            "barcode": barcode(number),
            "asin": None,
            "text-representation": {"language": "eng", "script": "Latn"},
            "artist-credit": recorded[0]["artist-credit"],
            "label-info": [
                {
                    "catalog-number": f"CAT {number}",
                    "label": {
                        **_named(LABEL, label),
                        "name": f"Label {label}",
                        "sort-name": f"Label {label}",
                        "label-code": 1,
                    },
                }
            ],
            "release-events": [{"date": date, "area": area}],
            "release-group": {
                **_named(GROUP, group),
                "title": title,
                "primary-type": "Album",
                "primary-type-id": mbid(TYPE, 5),
                "secondary-types": [],
                "secondary-type-ids": [],
                "first-release-date": date,
                "artist-credit": recorded[0]["artist-credit"],
                "genres": [],
                "tags": [],
            },
            "cover-art-archive": {"artwork": True, "count": 2, "front": True, "back": True, "darkened": False},
            "aliases": [],
            "genres": [],
            "tags": [],
            "relations": [],
            "media": [
                {
                    "position": 1,
                    "title": "",
                    "format": random.choice(_FORMATS),
                    "format-id": mbid(TYPE, 6),
                    "track-count": len(recorded),
                    "track-offset": 0,
                    "discs": [],
                    "tracks": [
                        {
                            "id": mbid(TRACK, number * 100 + position),
                            "number": str(position),
                            "position": position,
                            "title": recording["title"],
                            "length": recording["length"],
                            "artist-credit": recording["artist-credit"],
                            "recording": recording,
                        }
                        for position, recording in enumerate(recorded, start=1)
                    ],
                }
            ],
        }


def _named(kind: int, number: int) -> dict[str, Any]:
    return {"id": mbid(kind, number), "disambiguation": ""}


def _relation(kind: str, target: str, member: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        "type-id": mbid(TYPE, 8),
        "target-type": target,
        "direction": "backward",
        "attributes": [],
        "attribute-values": {},
        "attribute-ids": {},
        "begin": None,
        "end": None,
        "ended": False,
        "source-credit": "",
        "target-credit": "",
        **member,
    }


def write_release_dump(path: Path, tracks: int) -> None:
    """`path` ends in .tar.xz: the archive as it is published."""
    with tempfile.TemporaryFile(dir=path.parent) as plain:
        for document in ReleaseDump(tracks).documents():
            plain.write(document + b"\n")
        size = plain.tell()
        plain.seek(0)
        with lzma.open(path, "wb", preset=1) as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
            for name, text in (("COPYING", b"CC0\n"), ("JSON_DUMPS_SCHEMA_NUMBER", b"1\n")):
                member = tarfile.TarInfo(name)
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text))
            member = tarfile.TarInfo("mbdump/release")
            member.size = size
            archive.addfile(member, plain)
