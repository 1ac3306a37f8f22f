"""The files of a feed: those that its manifest names, or those with the standard's names beside one of them."""

from pathlib import Path

from sonograph.catalog.importers.mlc.tables import Table, table_of
from sonograph.catalog.importers.source_file import SourceFile
from sonograph.errors import Invalid

_MAX_MANIFEST = 1 << 20
_PACKED = ("", ".gz", ".xz", ".bz2")
_END = "EOF"
_CELLS = 2  # TableType, FileName; the number of lines and the checksum follow


def feed_files(file: SourceFile) -> dict[Table, Path]:
    """The files of the tables that we read, by a manifest or by any one of them."""
    folder = file.path.parent
    if table_of(file.path.name) is None:
        found = _of_manifest(file, folder)
    else:
        found = {
            table: path
            for table in Table
            if (path := next((p for name in table.value if (p := _there(folder / f"{name}.tsv"))), None))
        }
    if not found:
        raise Invalid(
            f"{file.path}: no manifest of a BWARM feed, and none of its tables of works and resources", "path"
        )
    return found


def _of_manifest(file: SourceFile, folder: Path) -> dict[Table, Path]:
    """Records of the manifest: a header, one for each file, a footer. Files stand beside it, whatever path it names."""
    text = file.read(_MAX_MANIFEST).decode(errors="replace")
    found: dict[Table, Path] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        if cells[0] == _END:
            break
        table = table_of(cells[0]) if len(cells) >= _CELLS else None
        if table is None:
            continue
        path = folder / Path(cells[1].replace("\\", "/")).name
        found[table] = _there(path) or path  # where it is missing, opening it says so
    return found


def _there(path: Path) -> Path | None:
    """The file, or the same compressed."""
    return next((packed for ending in _PACKED if (packed := path.with_name(path.name + ending)).is_file()), None)
