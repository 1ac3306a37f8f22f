"""Batches of a file's items, prepared for the writer: records encoded, digested and looked through."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import structs

from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.source_file import Damaged, open_source
from sonograph.catalog.importers.sources import BATCH_BYTES, source_of
from sonograph.catalog.writer import Prepared, prepare
from sonograph.catalog.writer.foresight import foresee
from sonograph.errors import Invalid, SonographError


class PreparedItem(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An item with its records as bytes."""

    where: int | str
    records: tuple[Prepared, ...]
    tally: dict[str, int]
    rejection: Rejection | None = None
    flags: tuple[Rejection, ...] = ()


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """Items that stand one after the other, the place in the file, and what ended it."""

    items: list[PreparedItem]
    position: int  # bytes of the file as stored, of `total`
    total: int
    ended: bool = False
    damage: str | None = None
    error: tuple[Literal["invalid", "unavailable"], str] | None = None


class Task(msgspec.Struct, frozen=True):
    """What to read, from which item on."""

    kind: str
    with_tags: bool
    path: str
    skip: int
    batch_size: int


def read_batches(task: Task, foreseeing: Callable[[], bool] = lambda: False) -> Iterator[Batch]:
    """All batches of a file; errors are told in the last one. `foreseeing`: whether to work out keys ahead."""
    source = source_of(task.kind, with_tags=task.with_tags)
    try:
        with open_source(Path(task.path)) as file:
            items, ended = source.read(file, task.skip), False
            while not ended:
                found, damage, foreseen = list[PreparedItem](), None, foreseeing()
                size = 0
                try:
                    while len(found) < task.batch_size and size < BATCH_BYTES:
                        item = next(items)
                        size += item.size
                        found.append(_prepared(item, foreseen=foreseen))
                except StopIteration:
                    ended = True
                except Damaged as error:
                    ended, damage = True, error.message
                yield Batch(found, file.position, file.total, ended, damage)
    except SonographError as error:
        kind: Literal["invalid", "unavailable"] = "invalid" if isinstance(error, Invalid) else "unavailable"
        yield Batch([], 0, 0, ended=True, error=(kind, error.message))


def _prepared(item: Item, *, foreseen: bool) -> PreparedItem:
    records = tuple(_record(part.record, foreseen=foreseen) for part in item.each_record() if part.record is not None)
    return PreparedItem(item.where, records, item.tally, item.rejection, item.flags)


def _record(record: msgspec.Struct, *, foreseen: bool) -> Prepared:
    prepared = prepare(record)
    if foreseen and not prepared.problem and (keys := foresee(record)):
        return structs.replace(prepared, foreseen=keys)
    return prepared
