"""The files below folders that may be audio."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from sonograph.errors import Unavailable

# What stands beside audio in every collection. Whatever else there is, is looked at: names prove nothing.
COMPANIONS = frozenset(
    f".{suffix}"
    for suffix in (
        "jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "txt", "pdf", "nfo", "log", "cue", "m3u", "m3u8",
        "pls", "xspf", "sfv", "md5", "ffp", "ini", "db", "html", "htm", "json", "xml", "doc", "docx", "url", "lrc",
        "md", "zip", "rar", "7z", "py", "exe", "accurip", "torrent", "itl", "plist",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AudioFile:
    path: Path
    size: int  # bytes
    modified: int  # nanoseconds since 1970


@dataclass(frozen=True, slots=True)
class Unread:
    """A file or folder that the file system does not let us read."""

    path: Path
    why: str


def walk(paths: Sequence[Path]) -> Iterator[AudioFile | Unread]:
    """Files in the order of their names; what is hidden (a dot in front) is left out, and each folder entered once.

    Links are followed. Raises `Unavailable` for one of `paths` that does not exist.
    """
    for path in paths:
        if not path.exists():
            raise Unavailable(f"{path} cannot be read: there is no such file or folder")
    entered: set[tuple[int, int]] = set()
    waiting = [path.resolve() for path in reversed(paths)]
    given = set(waiting)  # what was asked for by name is looked at, whatever it is called
    while waiting:
        path = waiting.pop()
        try:
            about = path.stat()
            if S_ISDIR(about.st_mode):
                here = about.st_dev, about.st_ino
                if here not in entered:
                    entered.add(here)
                    names = sorted(path.iterdir(), reverse=True)
                    waiting += [one for one in names if not one.name.startswith(".")]
            elif S_ISREG(about.st_mode) and (path in given or path.suffix.lower() not in COMPANIONS):
                yield AudioFile(path, about.st_size, about.st_mtime_ns)
        except OSError as error:
            yield Unread(path, error.strerror or type(error).__name__)
