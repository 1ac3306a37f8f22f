"""Mends whitespace at the ends of lines and of files, given by name; exit status 1 if anything had to be mended."""

import re
import sys
from pathlib import Path


def mended(text: bytes) -> bytes:
    r"""LF line ends, no whitespace before them, exactly one at the end of a file that is not empty.

    >>> mended(b"a  \r\nb\n\n")
    b'a\nb\n'
    """
    text = re.sub(rb"[ \t\r]+$", b"", text, flags=re.MULTILINE).rstrip(b"\n")
    return text + b"\n" if text else b""


def main(names: list[str]) -> int:
    status = 0
    for path in map(Path, names):
        before = path.read_bytes()
        after = mended(before)
        if after != before:
            path.write_bytes(after)
            sys.stderr.write(f"mended: {path}\n")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
