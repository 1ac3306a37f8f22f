"""Our own format: one record a line. docs/reference/jsonl.md describes it."""

from collections.abc import Iterator

import msgspec

from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.source_file import SourceFile
from sonograph.catalog.records import AnyRecord, FingerprintRecord

MAX_LINE = 1 << 20
_SHOWN = 2000

_decoder: msgspec.json.Decoder[AnyRecord | FingerprintRecord] = msgspec.json.Decoder(AnyRecord | FingerprintRecord)


def read_jsonl(file: SourceFile, skip: int) -> Iterator[Item]:
    """Records and rejected lines; blank lines and those that start with # are passed over."""
    number, done = 0, 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        length = len(line)
        if too_long := length > MAX_LINE and not line.endswith(b"\n"):
            _skip_line(file)
        text = line.strip()
        if not too_long and (not text or text.startswith(b"#")):
            continue
        done += 1
        if done > skip:
            yield _rejected(number, "line longer than 1 MiB", "", line) if too_long else _item(number, text)


def _item(number: int, line: bytes) -> Item:
    try:
        record = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        valid_json = isinstance(error, msgspec.ValidationError)
        return _rejected(number, "not a valid record" if valid_json else "not JSON", str(error), line)
    return Item(number, record, size=len(line), tally={"records": 1})


def _rejected(number: int, reason: str, message: str, line: bytes) -> Item:
    text = line[:_SHOWN].decode(errors="replace")
    return Item(
        number, None, Rejection(reason, f"{reason}: {message}" if message else reason, text), tally={"records": 1}
    )


def _skip_line(file: SourceFile) -> None:
    while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        pass
