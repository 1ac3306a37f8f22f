"""One job in its process: limits first, then the file is touched. The kernel ends what goes beyond."""

import json
import os
import resource
import signal
import wave
from dataclasses import asdict
from io import BytesIO, FileIO
from math import isinf
from pathlib import Path
from typing import NoReturn

# PyAV imports these when it meets such a stream
import av.subtitles.codeccontext
import av.subtitles.stream
import av.video.codeccontext
import av.video.stream  # noqa: F401

from sonograph.recognition.audio.decode import opened
from sonograph.recognition.audio.faults import TooLong, Unreadable
from sonograph.recognition.audio.job import HEAD, LARGEST_PART, NO_MEMORY, Job, Kind, Limits


def work(job: Job, file: int, answer: int, idle: int) -> NoReturn:
    """Decodes the descriptor `file` and writes the answer; ends the process. `idle` is what `mapped_bytes` said."""
    status = 0
    try:
        confine(job.limits, idle)
        _answer(job, file, answer)
    except MemoryError:
        status = NO_MEMORY
    except BaseException as error:  # noqa: BLE001  (whatever it is, this process ends here)
        _send(answer, Kind.FAULT, repr(error).encode())
    finally:
        os._exit(status)  # without clean-up: nothing here is worth it, and nothing of the server's is to be flushed


def warm_up() -> None:
    """Decodes a moment of silence, so that nothing is left to import where nothing can be opened."""
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 44100, 0, "NONE", ""))
        writer.writeframes(bytes(4410))
    file.seek(0)
    with opened(file) as audio:
        audio.read()


def confine(limits: Limits, idle: int) -> None:
    """Sets the limits of this process. From here on it can open nothing, fork nothing, write no file."""
    for name in (signal.SIGALRM, signal.SIGPIPE, signal.SIGXCPU):
        signal.signal(name, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall)
    hard = {
        resource.RLIMIT_CPU: limits.cpu,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 0,  # descriptors that are open stay usable
        resource.RLIMIT_NPROC: 0,
    }
    if idle:
        hard[resource.RLIMIT_AS] = idle + limits.memory
    for which, most in hard.items():
        resource.setrlimit(which, (most, most))


def mapped_bytes() -> int:
    """Address space in use, mostly by libraries, which RLIMIT_AS counts; 0 where there is no /proc (and no limit)."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def _answer(job: Job, file: int, answer: int) -> None:
    length = None if isinf(job.length) else job.length
    try:
        with FileIO(file, closefd=False) as source, opened(source, job.form, start=job.start, length=length) as audio:
            if length is None and audio.info.seconds is not None:
                _measure(audio.info.seconds, job.limits)
            _send(answer, Kind.INFO, json.dumps(asdict(audio.info)).encode())
            done = 0
            for block in audio.blocks:
                done += len(block)
                _measure(done / job.form.rate, job.limits)
                _send(answer, Kind.BLOCK, block.tobytes())
        _send(answer, Kind.END, b"")
    except TooLong as error:
        _send(answer, Kind.TOO_LONG, error.message.encode())
    except Unreadable as error:
        _send(answer, Kind.UNREADABLE, error.message.encode())


def _measure(seconds: float, limits: Limits) -> None:
    if seconds > limits.seconds:
        raise TooLong(f"The audio is longer than {limits.seconds / 60:g} minutes, or says so.")


def _send(answer: int, kind: bytes, content: bytes | memoryview) -> None:
    """Writes a part, or several if a block is that large."""
    view = memoryview(content)
    while True:
        part, view = view[:LARGEST_PART], view[LARGEST_PART:]
        for piece in (memoryview(HEAD.pack(kind, len(part))), part):
            rest = piece
            while rest:
                rest = rest[os.write(answer, rest) :]
        if not view:
            return
