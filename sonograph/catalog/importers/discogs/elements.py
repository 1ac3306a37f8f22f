"""The elements right under the root of an XML file, one at a time and in bounded memory."""

from collections.abc import Iterator

from lxml import etree

from sonograph.catalog.importers.source_file import SourceFile
from sonograph.errors import Invalid

_CHUNK = 1 << 18
_MAX_HEAD = 4 * _CHUNK  # comments before the root element


class XmlFile:
    """A file as a stream of elements. Entities are not resolved, and a document type is refused: dumps have none.

    libxml2's own limits stay on (huge_tree=False): 10 MB of text in one node, depth 256.
    """

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._first = file.read(_CHUNK)
        self.root = self._root()

    def _root(self) -> str:
        """The name of the root element."""
        parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True)
        fed, error = self._first, "no XML element in it"
        while fed and len(self._first) <= _MAX_HEAD:
            try:
                parser.feed(fed)
                fed = self._file.read(_CHUNK)
                self._first += fed
            except etree.XMLSyntaxError as found:
                fed, error = b"", f"not XML: {found}"
            # An error further on is for `elements` to meet, after what is whole before it.
            for _, element in parser.read_events():
                if isinstance(element, etree._Element):  # noqa: SLF001 - lxml's name of its public type
                    if element.getroottree().docinfo.internalDTD is not None:
                        raise Invalid(f"{self._file.path}: has a document type, which Discogs dumps have not", "path")
                    return str(element.tag)
        raise Invalid(f"{self._file.path}: {error}", "path")

    def elements(self, tag: str) -> Iterator[etree._Element]:
        """Elements of this name right under the root. Each is gone when the next one is asked for."""
        parser = etree.XMLPullParser(events=("end",), tag=tag, resolve_entities=False, no_network=True)
        fed = self._first
        error: etree.XMLSyntaxError | None = None
        while fed and error is None:
            try:
                parser.feed(fed)
            except etree.XMLSyntaxError as found:
                error = found  # what was complete before it is read first
            yield from self._ended(parser)
            if error is None:
                fed = self._file.read(_CHUNK)
        if error is None:
            try:
                parser.close()
            except etree.XMLSyntaxError as found:
                error = found
        if error is not None:
            raise self._file.damaged(error) from error

    def _ended(self, parser: etree.XMLPullParser) -> Iterator[etree._Element]:
        for _, element in parser.read_events():
            if not isinstance(element, etree._Element):  # noqa: SLF001 - as above
                continue
            root = element.getparent()
            if root is None or root.getparent() is not None:
                continue  # <label> stands inside of <label> too
            yield element
            root.remove(element)
