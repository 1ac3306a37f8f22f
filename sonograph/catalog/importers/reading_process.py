"""Reading a file in a process of its own, which gives an import a second core.

The process holds nothing that matters: when either of the two is killed, the next import goes on at the last commit.
It ends by itself when nobody reads from it any more. Batches go through a pipe, each with its length in front. The task
goes the other way, then a line whenever it is to begin or to stop working out keys ahead: where nothing has changed
since the last import, nobody needs them.
"""

import gc
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

import msgspec
from msgspec import structs

from sonograph.catalog.importers.batches import Batch, PreparedItem, Task, read_batches
from sonograph.catalog.importers.items import Rejection
from sonograph.errors import Unavailable

_LENGTH = struct.Struct(">Q")
_COLLECTED = 50  # batches between two collections of cyclic garbage, of which reading makes next to none
_ON, _OFF = b"1\n", b"0\n"
_decode = msgspec.msgpack.Decoder(Batch).decode
_encode = msgspec.msgpack.Encoder().encode


class ReadingProcess:
    """The batches of a file, read elsewhere. Raises Unavailable if the other process is killed."""

    def __init__(self, tasks: IO[bytes], batches: IO[bytes]) -> None:
        self._tasks = tasks
        self._foreseeing = True
        self.batches = _received(batches)

    def foresee(self, *, on: bool) -> None:
        """Let keys be worked out ahead, or no longer; batches that are under way stay as they are."""
        if on != self._foreseeing:
            self._foreseeing = on
            with suppress(BrokenPipeError):  # it has read everything
                self._tasks.write(_ON if on else _OFF)
                self._tasks.flush()


@contextmanager
def reading_process(task: Task) -> Iterator[ReadingProcess]:
    """Start it, and end it when it is no longer needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sonograph.catalog.importers.reading_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise Unavailable("the process that reads the file has no pipes")
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        process.stdin.flush()
        yield ReadingProcess(process.stdin, process.stdout)
    finally:
        process.kill()  # it has ended, or nobody waits for what it reads
        with suppress(BrokenPipeError):
            process.communicate()


def _received(pipe: IO[bytes]) -> Iterator[Batch]:
    ended = False
    while not ended:
        head = pipe.read(_LENGTH.size)
        text = pipe.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
        if not text:
            raise Unavailable("the process that reads the file has ended early; what it read before is imported")
        batch = _decode(text)
        ended = batch.ended
        yield batch


class _Asked:
    """What the import has asked for, read in a thread."""

    def __init__(self) -> None:
        self._foreseeing = True
        self._text = b""
        while b"\n" not in self._text:
            if not (more := os.read(0, 4096)):
                sys.exit(1)  # the import has ended before it said anything
            self._text += more
        task, self._text = self._text.split(b"\n", 1)
        self.task = msgspec.json.decode(task, type=Task)
        threading.Thread(target=self._listen, daemon=True).start()

    def foreseeing(self) -> bool:
        return self._foreseeing

    def _listen(self) -> None:
        text = self._text
        while True:
            for letter in text.split():
                self._foreseeing = letter == _ON.strip()
            if not (text := os.read(0, 4096)):
                os._exit(1)  # the import has ended, in whatever way


def main() -> None:
    """Read the task from standard input, write batches to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the import itself ends this process
    gc.disable()  # it would look through the objects of a batch many times
    asked = _Asked()
    out = sys.stdout.buffer
    with suppress(BrokenPipeError):  # the import was stopped
        for number, batch in enumerate(read_batches(asked.task, asked.foreseeing), start=1):
            text = _packed(batch)
            out.write(_LENGTH.pack(len(text)))
            out.write(text)
            out.flush()
            if number % _COLLECTED == 0:
                gc.collect()


def _packed(batch: Batch) -> bytes:
    try:
        return _encode(batch)
    except UnicodeEncodeError:  # a lone surrogate in an id: MessagePack holds no such text
        return _encode(structs.replace(batch, items=[_plain(item) for item in batch.items]))


def _plain(item: PreparedItem) -> PreparedItem:
    def plain(text: str) -> str:
        return text.encode("utf-8", "backslashreplace").decode()

    def rejection(said: Rejection) -> Rejection:
        return Rejection(plain(said.reason), plain(said.message), plain(said.text))

    return structs.replace(
        item,
        where=item.where if isinstance(item.where, int) else plain(item.where),
        rejection=rejection(item.rejection) if item.rejection else None,
        flags=tuple(map(rejection, item.flags)),
    )


if __name__ == "__main__":
    main()
