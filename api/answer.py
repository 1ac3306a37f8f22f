"""The answer to one event, encoded once for all transports."""

from typing import Self

from sonograph.events.event import event_id
from sonograph.events.outlet import chunk

# Line ends to Python's `splitlines`, by which several clients of server-sent events read; JSON may escape them.
_LINE_ENDS = ((b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))


class Answer(bytes):
    """JSON of `{"data": …}`.

    `event`: the number of the event, None where it is of none. `sse`: as graphql-sse has it, a chunk of an HTTP body.
    """

    event: int | None
    sse: bytes

    @classmethod
    def of(cls, body: bytes, event: int | None = None) -> Self:
        for end, escaped in _LINE_ENDS:
            if end in body:
                body = body.replace(end, escaped)
        answer = cls(body)
        answer.event = event
        answer.sse = chunk(next_event(body, event))
        return answer

    def saying(self, missed: int) -> "Answer":
        """The same with a word on events that were missed, and are not kept any more."""
        told = b'%b,"extensions":{"missed":{"until":"%b"}}}' % (self[:-1], event_id(missed).encode())
        return Answer.of(told, self.event)


def next_event(data: bytes, event: int | None = None) -> bytes:
    """A server-sent event `next`, with the id to go on from."""
    if event is None:
        return b"event: next\ndata: %b\n\n" % data
    return b"event: next\nid: %b\ndata: %b\n\n" % (event_id(event).encode(), data)
