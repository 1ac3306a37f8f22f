"""What is said between the service and a process that recognises: a length and a MessagePack document each way."""

import socket
import struct
from typing import TypeAlias

import msgspec

from sonograph.recognition.answer import Heard

SIZE = struct.Struct("<I")
LARGEST = 1 << 24  # bytes of a message: 200,000 items take 800 kB


class OfFingerprint(msgspec.Struct, tag=True, frozen=True):
    items: bytes  # little-endian uint32
    test: bool
    top: int


class OfFile(msgspec.Struct, tag=True, frozen=True):
    path: str
    test: bool
    top: int
    length: float | None  # seconds from the beginning; None: all of it


class ToReference(msgspec.Struct, tag=True, frozen=True):
    """A file whose fingerprints are wanted, to keep them."""

    path: str


class Answer(msgspec.Struct, tag=True, frozen=True):
    heard: tuple[Heard, ...]


class Prints(msgspec.Struct, tag=True, frozen=True):
    """The fingerprints of a reference, as the database has them."""

    seconds: float
    items: bytes  # little-endian uint32
    landmarks: bytes


class Refusal(msgspec.Struct, tag=True, frozen=True):
    """An error that is an answer: its class's name, its message, and the field at fault."""

    error: str
    message: str
    field: str | None = None


Job: TypeAlias = OfFingerprint | OfFile | ToReference
Reply: TypeAlias = Answer | Prints | Refusal

job_decoder: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)
reply_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def packed(message: Job | Reply) -> bytes:
    content = msgspec.msgpack.encode(message)
    return SIZE.pack(len(content)) + content


def received(connection: socket.socket) -> Job | None:
    """The next job; None when the service has closed its end, or died."""
    with connection.makefile("rb") as file:
        head = file.read(SIZE.size)
        if len(head) < SIZE.size:
            return None
        size = SIZE.unpack(head)[0]
        content = file.read(size)
    return job_decoder.decode(content) if len(content) == size else None
