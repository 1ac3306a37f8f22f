"""Playlists that name where a station is: PLS, M3U, XSPF and ASX. By their content: names and types lie too often."""

import re
from contextlib import suppress
from urllib.parse import quote, urljoin

from lxml import etree

MOST = 5  # entries of a playlist that are tried
_READ = 100  # entries that are made absolute to find those: each takes 15 us, and 256 KiB hold 130,000
_SPACE = b" \t\r\n\xef\xbb\xbf\0"
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|title)\b", re.IGNORECASE)
_XML = re.compile(rb"<(?:\?xml|playlist|asx|!--)", re.IGNORECASE)
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")  # one byte in ten of sound is such
_LOOKED_AT = 512  # bytes
_ADDRESS = re.compile(rb"[a-z][a-z0-9+.-]{1,15}://", re.IGNORECASE)


def is_text(start: bytes) -> bool:
    """Whether what begins so is text of some kind, not sound that happens to begin with a `<` or `#`."""
    bare = start.lstrip(_SPACE)
    if _NO_TEXT.search(bare[:_LOOKED_AT]):
        return False
    return bare[:1] in (b"<", b"[", b"#") or bool(_ADDRESS.match(bare)) or bare[:1] == b"{"


def is_page(text: bytes) -> bool:
    """Whether it is a web page."""
    return bool(_PAGE.search(text[:4096])) and not re.search(rb"<(?:playlist|asx)\b", text[:4096], re.IGNORECASE)


def is_hls(text: bytes) -> bool:
    return text.lstrip(_SPACE).startswith(b"#EXTM3U") and b"#EXT-X-" in text


def entries(text: bytes, base: str) -> list[str]:
    """The addresses in a playlist that can be asked, made absolute, the first few; none where it is no playlist."""
    addresses = (absolute(base, entry.strip().decode("utf-8", "replace")) for entry in named(text)[:_READ])
    return list(dict.fromkeys(filter(None, addresses)))[:MOST]


def named(text: bytes) -> list[bytes]:
    """What a playlist names, whatever it is."""
    bare = text.lstrip(_SPACE)
    if bare[:1] == b"[":
        return re.findall(rb"^[ \t]*File\d*[ \t]*=[ \t]*(\S[^\r\n]*)", bare, re.IGNORECASE | re.MULTILINE)
    if _XML.match(bare):
        return _of_xml(bare)
    if bare[:1] == b"#" or _ADDRESS.match(bare):
        return [line for line in map(bytes.strip, re.split(rb"[\r\n]+", bare)) if line and line[:1] != b"#"]
    return []


def _of_xml(text: bytes) -> list[bytes]:
    """`location` of XSPF and `ref href` of ASX, in whichever letters: ASX is no real XML."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    root = etree.fromstring(text, parser)
    found: list[bytes] = []
    for element in root.iter() if root is not None else ():
        if not isinstance(element.tag, str):
            continue  # a comment
        with suppress(UnicodeDecodeError):  # of `&#xD800;`, which recovery lets pass
            found += _named(element)
    return found


def _named(element: etree._Element) -> list[bytes]:
    name = etree.QName(element).localname.lower()
    if name == "location":
        return [element.text.encode()] if element.text else []
    if name in ("ref", "entryref"):
        return [str(value).encode() for key, value in element.attrib.items() if str(key).lower() == "href"]
    return []


def absolute(base: str, address: str) -> str | None:
    """An address as a page or playlist at `base` writes it, without fragment; None for other schemes than the web's."""
    address = address.partition("#")[0]
    try:
        joined = urljoin(base, address)
    except ValueError:
        return None
    if not joined.lower().startswith(("http://", "https://")):
        return None
    return quote(joined, safe="!$%&'()*+,-./:;=?@[\\]_~")
