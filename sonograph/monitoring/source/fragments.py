"""Fragments of MP4, in which HLS wraps its sound: each is opened by FFmpeg together with what begins the stream."""

from io import BytesIO
from typing import Never

import av
import av.error

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.packets import Begin, Piece


def pieces_of(start: bytes, fragment: bytes) -> list[Piece]:
    """The packets of a whole fragment."""
    try:
        with av.open(BytesIO(start + fragment), "r", options={"format_whitelist": "mov"}, io_open=_refuse) as container:
            stream = container.streams.best("audio")
            if stream is None or stream.codec_context is None:
                raise Fault("The stream has no sound that is read here.", lasting=True)
            context = stream.codec_context
            begin = Begin("mp3float" if context.name == "mp3" else context.name, bytes(context.extradata or b""))
            return [begin, *(bytes(packet) for packet in container.demux(stream) if packet.size)]
    except (av.error.FFmpegError, ValueError) as error:
        raise Fault("A piece of the stream is damaged.") from error


def _refuse(*_: object) -> Never:
    raise PermissionError("a fragment wants to open something else")
