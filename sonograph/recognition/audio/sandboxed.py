"""Decodes what strangers send, in a process of its own with limits (`work`); nothing that happens there harms ours.

A `Sandbox` belongs to the service for as long as it runs. Its calls block, so they belong in threads, where they
are safe.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import structlog

from sonograph.errors import Unavailable
from sonograph.recognition.audio.faults import TooLong, Unreadable
from sonograph.recognition.audio.forkserver import STATUS
from sonograph.recognition.audio.job import HEAD, LARGEST_PART, NO_MEMORY, Job, Kind, Limits
from sonograph.recognition.audio.pcm import FINGERPRINT, Audio, Form, Info, Samples

GRACE = 5.0  # seconds beyond a job's wall time before we stop listening: the kernel ends it at its time
log = structlog.get_logger()
_FAILED = "This file makes the decoder fail."
_TOO_COSTLY = "The audio takes more to decode than a file may."


class Sandbox:
    """Up to `places` files at a time; the processes start with the first."""

    def __init__(self, places: int = 2, limits: Limits = Limits()) -> None:  # noqa: B008  (frozen)
        self._places = threading.BoundedSemaphore(places)
        self._limits = limits
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the fork server, and with it what it still decodes."""
        with self._lock:
            self._stop()

    @contextmanager
    def opened(
        self,
        source: Path | BinaryIO,
        form: Form = FINGERPRINT,
        *,
        start: float = 0.0,
        length: float | None = None,
        patience: float | None = None,
    ) -> Iterator[Audio]:
        """As `decode.opened`, within limits, of a file on disk. With a `length` given, the rest may be of any length.

        `Unreadable` and `TooLong` are the file's fault. `Unavailable`: no place became free within `patience` seconds,
        or the fork server was killed from outside.
        """
        if not self._places.acquire(timeout=patience):
            raise Unavailable("Too many files are being decoded just now. Try again later.")
        try:
            if isinstance(source, Path):
                with source.open("rb") as file:
                    answer = self._send(file.fileno(), form, start, length)
            else:
                os.lseek(source.fileno(), 0, os.SEEK_SET)
                answer = self._send(source.fileno(), form, start, length)
            with answer:
                yield answer.audio()
        finally:
            self._places.release()

    def _send(self, file: int, form: Form, start: float, length: float | None) -> "_Answer":
        job = Job(form, start, inf if length is None else length, self._limits)
        answer, answer_end = os.pipe()
        status, status_end = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._running(), [job.packed()], [file, answer_end, status_end])
        except BaseException:
            os.close(answer)
            os.close(status)
            raise
        finally:
            os.close(answer_end)
            os.close(status_end)
        return _Answer(job, answer, status)

    def _running(self) -> socket.socket:
        """The way to the fork server, started if it is not there."""
        if self._server is not None and self._control is not None and self._server.poll() is None:
            return self._control
        self._stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._server = subprocess.Popen(  # noqa: S603  (our own module)
                [sys.executable, "-m", "sonograph.recognition.audio.forkserver", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt at the terminal is for the service, which then closes us
                # BLAS would start a thread for each core, and memory with it
                env={"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._control = ours
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            try:
                self._server.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._server = self._control = None


class _Answer:
    """What a job's process writes. It is not trusted: a file may have taken it over."""

    def __init__(self, job: Job, answer: int, status: int) -> None:
        self._job = job
        self._answer = answer
        self._status = status
        self._until = time.monotonic() + job.limits.wall + GRACE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._answer)  # a process that still writes is ended by it
        os.close(self._status)

    def audio(self) -> Audio:
        kind, content = self._part()
        if kind != Kind.INFO:
            raise self._fault(kind, content)
        return Audio(Info(**json.loads(content)), self._blocks())

    def _blocks(self) -> Iterator[Samples]:
        dtype = np.dtype(self._job.form.dtype)
        left = int(self._job.limits.seconds * self._job.form.rate) * dtype.itemsize
        while True:
            kind, content = self._part()
            if kind == Kind.END:
                return
            left -= len(content)
            if kind != Kind.BLOCK or left < 0:
                raise self._fault(kind, content)
            yield np.frombuffer(content, dtype)

    def _part(self) -> tuple[bytes, bytes]:
        head = self._read(HEAD.size)
        if len(head) < HEAD.size:
            raise self._ended()
        kind, size = HEAD.unpack(head)
        if size > LARGEST_PART:
            raise Unreadable(_FAILED)
        content = self._read(size)
        if len(content) < size:
            raise self._ended()
        return kind, content

    def _read(self, size: int) -> bytes:
        """Less than `size` bytes only at the end."""
        pieces = bytearray()
        while len(pieces) < size:
            self._await(self._answer)
            piece = os.read(self._answer, size - len(pieces))
            if not piece:
                break
            pieces += piece
        return bytes(pieces)

    def _await(self, descriptor: int) -> None:
        poll = select.poll()  # select.select refuses descriptors above 1,023
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(max(0.0, self._until - time.monotonic()) * 1000):
            raise TooLong(_TOO_COSTLY)

    def _fault(self, kind: bytes, content: bytes) -> TooLong | Unreadable:
        if kind == Kind.TOO_LONG:
            return TooLong(content.decode(errors="replace"))
        if kind == Kind.UNREADABLE:
            return Unreadable(content.decode(errors="replace"))
        log.warning("decoding failed", fault=content[:2000].decode(errors="replace"), part=kind)
        return Unreadable(_FAILED)

    def _ended(self) -> TooLong | Unreadable | Unavailable:
        """The process ended in the middle: why?"""
        self._await(self._status)
        status = os.read(self._status, STATUS.size)
        if len(status) < STATUS.size:
            return Unavailable("Decoding was interrupted. Try again.")
        how = os.waitstatus_to_exitcode(*STATUS.unpack(status))
        if how in (-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL, NO_MEMORY):
            return TooLong(_TOO_COSTLY)
        log.warning("decoding failed", exit_status=how)
        return Unreadable(_FAILED)
