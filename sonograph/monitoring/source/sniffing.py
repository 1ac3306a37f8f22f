"""What kind of sound it is, by its first bytes: what stations say of it is wrong too often."""

from enum import Enum

from sonograph.monitoring.source.faults import WEB_PAGE, Fault
from sonograph.monitoring.source.playlists import is_page, is_text

ENOUGH = 16_384  # bytes by which it is known, or never
_LOOKED_AT = 8192  # bytes in which frames may begin: none is longer than half of that
_FRAMES = 3  # in a row, each where the one before says: chance finds one in 2,000 bytes


class Kind(Enum):
    MP3 = "mp3"
    AAC = "aac"
    OGG = "ogg"
    FLAC = "flac"
    TS = "mpegts"
    MP4 = "mp4"


_NOT_SOUND = {
    b"FLV\x01": "This is a video (Flash), not a radio stream.",
    b"\x1aE\xdf\xa3": "This is WebM, which is not read here. Radio streams are MP3, AAC, Ogg or HLS.",
    b"RIFF": "This is a WAV file, not a radio stream.",
    b"0&\xb2u": "This is Windows Media, which is not read here. Radio streams are MP3, AAC, Ogg or HLS.",
    b"PK\x03\x04": "This is a ZIP archive, not a radio stream.",
    b"\x1f\x8b\x08": "The station sends its stream compressed by gzip, which was not asked for.",
    b"%PDF": "This is a document (PDF), not a radio stream.",
    b"\x89PNG": "This is a picture, not a radio stream.",
    b"\xff\xd8\xff\xe0": "This is a picture, not a radio stream.",
    b"GIF8": "This is a picture, not a radio stream.",
}
_BOXES = (b"ftyp", b"styp", b"moof", b"sidx", b"emsg", b"prft")
_TS_PACKET = 188
_BITRATES = {  # kbit/s by version 1 or not, layer and index
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44100, 48000, 32000)  # of version 1; a half and a quarter of them in 2 and 2.5


def kind_of(start: bytes) -> Kind | None:
    """The kind, or None while more is needed to know. Raises `Fault` where it is no sound that is read here."""
    if start.startswith(b"OggS"):
        return Kind.OGG
    if start.startswith(b"fLaC"):
        return Kind.FLAC
    if start[4:8] in _BOXES:
        return Kind.MP4
    for magic, reason in _NOT_SOUND.items():
        if start.startswith(magic):
            raise Fault(reason, lasting=True)
    if start[:1] == b"G" and all(start[at : at + 1] == b"G" for at in range(0, min(len(start), 1024), _TS_PACKET)):
        return Kind.TS if len(start) > _TS_PACKET else None
    kind = _framed(start)
    if kind is not None or len(start) < ENOUGH:
        return kind
    if is_text(start):
        raise Fault(WEB_PAGE if is_page(start) else "What comes is text, not sound.", lasting=True)
    raise Fault("What comes is not sound of a kind that is read here: MP3, AAC, Ogg, FLAC or HLS.", lasting=True)


def _framed(start: bytes) -> Kind | None:
    """MP3 or AAC, wherever within a frame it was joined."""
    at = start.find(b"\xff")
    while 0 <= at < _LOOKED_AT:
        for kind, length_at in ((Kind.AAC, aac_length), (Kind.MP3, mpeg_length)):
            place, found = at, 0
            while found < _FRAMES and (length := length_at(start, place)):
                place += length
                found += 1
            if found == _FRAMES:
                return kind
        at = start.find(b"\xff", at + 1)
    return None


def aac_length(data: bytes, at: int) -> int:
    """Bytes of the ADTS frame that begins there; 0 where none does."""
    head = data[at : at + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or (head[2] >> 2) & 15 > 12:  # noqa: PLR2004
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else 0  # noqa: PLR2004  (of the head)


def mpeg_length(data: bytes, at: int) -> int:
    """Bytes of the MPEG audio frame that begins there, mostly MP3; 0 where none does."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004
        return 0
    version, layer = (head[1] >> 3) & 3, 4 - ((head[1] >> 1) & 3)
    index, rate = head[2] >> 4, (head[2] >> 2) & 3
    if version == 1 or layer == 4 or index in (0, 15) or rate == 3:  # noqa: PLR2004  (reserved)
        return 0
    bits = 1000 * _BITRATES[version == 3, layer][index]  # noqa: PLR2004
    hertz = _RATES[rate] >> (0, 1, 2)[0 if version == 3 else 1 if version == 2 else 2]  # noqa: PLR2004
    padding = (head[2] >> 1) & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    samples = 576 if layer == 3 and version != 3 else 1152  # noqa: PLR2004
    return samples // 8 * bits // hertz + padding
