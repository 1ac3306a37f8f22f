"""A listener of the feed, by bytes: what a client of server-sent events would make of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it came."""

    id: str
    event: str
    data: dict[str, Any]


class Heard:
    """An open feed."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.comments, self.retries = 0, list[int]()
        self._lines = self._split()

    def _split(self) -> Iterator[bytes]:
        rest = b""
        for piece in self.response.iter_raw():
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
        assert not rest

    def events(self) -> Iterator[Told]:
        """Events until the server ends it. Fails for a blank line that ends no event: some clients take it for one."""
        fields: dict[bytes, bytes] = {}
        for line in self._lines:
            name, _, value = line.partition(b":")
            if line and not name:
                self.comments += 1
            elif name == b"retry":
                self.retries.append(int(value))
            elif line:
                assert name not in fields
                assert value.isascii()
                fields[name] = value.removeprefix(b" ")
            else:
                assert list(fields) == [b"event", b"data", b"id"]
                told = Told(fields[b"id"].decode(), fields[b"event"].decode(), json.loads(fields[b"data"]))
                assert told.data["id"] == told.id
                assert told.data["type"] == told.event
                fields = {}
                yield told

    def take(self, count: int) -> list[Told]:
        events = self.events()
        return [next(events) for _ in range(count)]


@contextmanager
def listening(client: httpx.Client, query: str = "", last: str | None = None) -> Iterator[Heard]:
    """The feed from now on, or after an event."""
    headers = {} if last is None else {"last-event-id": last}
    with client.stream("GET", f"/v1/streams/live{query}", headers=headers) as response:
        assert response.status_code == httpx.codes.OK, response.read()
        yield Heard(response)
