"""What is said between the service and the fork server, and between the service and the process of one job.

A job is one fixed-size message with three descriptors: the file, a pipe for the answer, and one for how the process
ended. An answer is a row of parts: one byte that says what it is, four with its length, and the content.
"""

import struct
from dataclasses import dataclass
from typing import Self

from sonograph.recognition.audio.pcm import Form

HEAD = struct.Struct("<cI")
LARGEST_PART = 1 << 20  # bytes; what claims to be larger does not come from our own code any more
_JOB = struct.Struct("<IdddQId480s")


class Kind:
    INFO = b"I"  # JSON: the fields of Info
    BLOCK = b"B"  # samples
    UNREADABLE = b"U"  # text for the caller
    TOO_LONG = b"L"  # text for the caller
    FAULT = b"F"  # an exception nobody foresaw: text for the log
    END = b"E"  # nothing follows, and all went well


NO_MEMORY = 3  # exit status of a job's process


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. The kernel enforces all but `seconds`, which both sides count."""

    seconds: float = 2 * 3600  # of sound
    memory: int = 256 << 20  # bytes beyond those of the idle process; thirty Vorbis and Opus files took less than 2 MB
    cpu: int = 120  # seconds of CPU: two hours of Opus take 41 on a busy machine
    wall: float = 240.0  # seconds from start to end


@dataclass(frozen=True, slots=True)
class Job:
    form: Form
    start: float
    length: float  # inf: to the end
    limits: Limits

    SIZE = _JOB.size

    def packed(self) -> bytes:
        """A message of SIZE bytes."""
        options = ":".join(f"{name}={value}" for name, value in self.form.resampler.items())
        of = self.limits
        text = f"{self.form.sample}:{options}".encode()
        return _JOB.pack(self.form.rate, self.start, self.length, of.seconds, of.memory, of.cpu, of.wall, text)

    @classmethod
    def unpacked(cls, message: bytes) -> Self:
        rate, start, length, seconds, memory, cpu, wall, text = _JOB.unpack(message)
        sample, _, options = text.rstrip(b"\0").decode().partition(":")
        resampler = dict(option.split("=", 1) for option in options.split(":")) if options else {}
        return cls(Form(rate, sample, resampler), start, length, Limits(seconds, memory, cpu, wall))
