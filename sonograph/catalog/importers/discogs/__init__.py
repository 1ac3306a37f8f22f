"""The monthly dumps of Discogs (https://data.discogs.com/, CC0): artists, labels, masters and releases as XML."""

from collections.abc import Callable, Iterator

from lxml import etree

from sonograph.catalog.importers.discogs.elements import XmlFile
from sonograph.catalog.importers.discogs.masters import read_master
from sonograph.catalog.importers.discogs.people import read_artist, read_label
from sonograph.catalog.importers.discogs.releases import Unreadable, read_release
from sonograph.catalog.importers.discogs.text import child_text
from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.source_file import SourceFile
from sonograph.errors import Invalid

_SHOWN = 2000


def read_discogs(file: SourceFile, skip: int) -> Iterator[Item]:
    """Items of a dump file; what kind of file it is, its root element tells."""
    xml = XmlFile(file)
    if xml.root not in _FILES:
        raise Invalid(
            f"{file.path}: begins with <{xml.root}>; a Discogs dump begins with one of: {', '.join(_FILES)}", "path"
        )
    tag, read = _FILES[xml.root]
    for number, element in enumerate(xml.elements(tag)):
        if number >= skip:
            yield _item(element, xml.root, read)


def _item(element: etree._Element, root: str, read: Callable[[etree._Element], Item]) -> Item:
    try:
        return read(element)
    except Unreadable as error:
        where = element.get("id") or child_text(element, "id") or "?"
        text = etree.tostring(element, encoding="unicode", with_tail=False)[:_SHOWN]
        return Item(where, None, Rejection(str(error), str(error), text), tally={root: 1})


def _artist(element: etree._Element) -> Item:
    artist = read_artist(element)
    if not artist.id or not artist.name:
        raise Unreadable("artist without an id" if artist.name else "artist without a name")
    return Item(artist.id, artist, size=500 + 50 * len(artist.aliases), tally={"artists": 1})


def _label(element: etree._Element) -> Item:
    label = read_label(element)
    if not label.id or not label.name:
        raise Unreadable("label without an id" if label.name else "label without a name")
    return Item(label.id, label, tally={"labels": 1})


def _master(element: etree._Element) -> Item:
    if not (element.get("id") or "").isdecimal():
        raise Unreadable("master without a number")
    master = read_master(element)
    return Item(master.id, master, tally={"masters": 1})


_FILES: dict[str, tuple[str, Callable[[etree._Element], Item]]] = {
    "artists": ("artist", _artist),
    "labels": ("label", _label),
    "masters": ("master", _master),
    "releases": ("release", read_release),
}
