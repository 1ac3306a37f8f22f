"""Feeds in the BWARM format of each version. All names and codes are made up."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sonograph.catalog.importers.items import Item
from sonograph.catalog.importers.mlc import read_mlc
from sonograph.catalog.importers.source_file import open_source

Rows = Sequence[Sequence[str]]

WORKS_2 = ("#MusicalWorkRecordId", "ISWC", "MusicalWorkTitle", "LanguageAndScriptCode", "NominalDuration")
RESOURCES_2 = (
    "#ResourceRecordId", "ResourceType", "ISRC", "Title", "LanguageAndScriptCode", "SubTitle", "DisplayArtistName",
    "DisplayArtistISNI", "PLine", "Duration", "ReleaseRecordId",
)  # fmt: skip
LINKS_2 = ("#LinkRecordId", "MusicalWorkRecordId", "ResourceRecordId")
WORKS = (
    ("W1", "T0000000010", "LANTERN", "", ""),
    ("W2", "", "TIDE", "en", ""),
    ("W3", "T-000.000.002-1", "UNSUNG", "", ""),
)
RESOURCES = (
    ("R1", "SoundRecording", "GBABC9900001", "Lantern", "", "", "The Paper Boats", "", "(P)", "PT3M35S", "1"),
    (
        "R2",
        "SoundRecording",
        "GBABC9900002",
        "Medley",
        "",
        "Live 1999",
        "Ola Finch",
        "0000000121032683",
        "",
        "PT1H",
        "",
    ),
    ("R3", "SoundRecording", "", "Heard somewhere", "", "", "Ola Finch", "", "", "", ""),
    ("R4", "MusicVideo", "GBABC9900004", "Lantern", "", "", "The Paper Boats", "", "", "", ""),
    ("R5", "SoundRecording", "GBABC9900005", "Nobody's", "", "", "", "", "", "", ""),
    ("R6", "SoundRecording", "GBABC9900006", "Alone", "", "", "the paper boats", "", "", "soon", ""),
)
LINKS = (("L1", "W2", "R2"), ("L2", "W1", "R1"), ("L3", "W1", "R2"), ("L4", "W1", "R2"), ("L5", "", "R6"))


def tsv(path: Path, *rows: Sequence[str], ending: str = "\n") -> Path:
    path.write_bytes("".join("\t".join(row) + ending for row in rows).encode())
    return path


def manifest(folder: Path, names: Mapping[str, str], version: str = "2.0") -> Path:
    header = (version, "6", "A sender", "PADPIDA0000000000X", "", "", "2026-01-01T00:00:00Z")
    files = [(table, name, "3", "") for table, name in names.items()]
    return tsv(folder / "BWARM_Manifest_PADPIDA0000000000X_20260101000000000.tsv", header, *files, ("EOF",))


def standard(folder: Path, resources: Rows = RESOURCES, works: Rows = WORKS, links: Rows = LINKS) -> Path:
    """A feed of version 2.0 with headings; returns its manifest."""
    tsv(folder / "musicalworks.tsv", WORKS_2, *works)
    tsv(folder / "resources.tsv", RESOURCES_2, *resources)
    tsv(folder / "workresourcelinks.tsv", LINKS_2, *links)
    tsv(folder / "parties.tsv", ("#PartyRecordId", "FullName"), ("P1", "Somebody"))
    names = {
        "Parties": "parties.tsv",
        "Resources": "resources.tsv",
        "MusicalWorks": "musicalworks.tsv",
        "WorkResourceLinks": "workresourcelinks.tsv",
    }
    return manifest(folder, names)


def read(path: Path, skip: int = 0) -> list[Item]:
    with open_source(path) as file:
        return list(read_mlc(file, skip))
