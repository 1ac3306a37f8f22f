"""The report of an account's plays, as JSON or as rows of a template; both in pieces, in bounded memory.

Texts are made in threads, a block of rows at a time, so that whoever else is served waits for some milliseconds.
Of reports few are made at a time: each takes a core for as long as it lasts.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

import asyncpg

from sonograph.errors import NotFound, Unavailable
from sonograph.monitoring import streams
from sonograph.monitoring.report import json_text
from sonograph.monitoring.report.gathering import heard_on
from sonograph.monitoring.report.sheet import Sheet
from sonograph.monitoring.report.span import Span
from sonograph.monitoring.stream import Stream

BLOCK = 4_000  # rows, about a megabyte of JSON
MOST = 2  # reports of a process at a time
MOST_WAITING = 16  # reports that wait for their turn
PATIENCE = 5.0  # seconds for which they do: small ones take a tenth of one
WAIT = 10  # seconds after which to ask again
BUSY = "Other reports are being made just now. Try again later."


class Reports:
    """How many reports are being made in this process; some more wait for their turn, first come, first served."""

    def __init__(self, most: int = MOST, most_waiting: int = MOST_WAITING, patience: float = PATIENCE) -> None:
        self.most_waiting, self.patience, self.waiting = most_waiting, patience, 0
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """For as long as a report is made; raises `Unavailable` where too many wait, or one waited too long."""
        await self._turn()
        try:
            yield
        finally:
            self._free.release()

    async def _turn(self) -> None:
        if self._free.locked() and self.waiting >= self.most_waiting:
            raise Unavailable(BUSY, retry_after=WAIT)
        self.waiting += 1
        try:
            async with asyncio.timeout(self.patience):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(BUSY, retry_after=WAIT) from None
        finally:
            self.waiting -= 1


async def streams_of(
    pool: asyncpg.Pool, account_id: int, span: Span, number: int | None, *, test: bool
) -> list[Stream]:
    """The stream of a number, or all that were watched in the span, oldest first. Raises `NotFound`."""
    if number is not None:
        found = await streams.get_stream(pool, account_id, number, test=test)
        if found is None:
            raise NotFound("Not found")
        return [found]
    every = await streams.list_streams(pool, account_id, test=test, first=streams.MOST_KEPT)
    return [
        stream
        for stream in reversed(every)
        if stream.created_at < span.until and (stream.stopped_at is None or stream.stopped_at > span.since)
    ]


async def as_json(pool: asyncpg.Pool, watched: Sequence[Stream], span: Span, *, test: bool) -> AsyncGenerator[bytes]:
    """The report of the contract."""
    texts = json_text.Texts()
    piece = json_text.begin(span)
    async with aclosing(heard_on(pool, watched, span, test=test)) as every:
        async for heard in every:
            await asyncio.to_thread(texts.learn, heard.airings, heard.facts)
            summary = await asyncio.to_thread(json_text.summary, heard.airings, texts)
            piece += json_text.stream_begin(heard.stream.id, heard.stream.name, summary)
            first = True
            for block in heard.airings.blocks(BLOCK):
                rows = await asyncio.to_thread(json_text.rows, block, texts)
                yield piece
                piece = rows[1:] if first else rows
                first = False
            piece += json_text.STREAM_END + (b"" if heard.stream is watched[-1] else b",")
    yield piece + json_text.END


async def as_rows(
    pool: asyncpg.Pool, watched: Sequence[Stream], span: Span, sheet: Sheet, *, test: bool
) -> AsyncGenerator[bytes]:
    """The report as rows of text by a template: one for each airing, or for each track of a stream."""
    piece = sheet.head()
    async with aclosing(heard_on(pool, watched, span, test=test, whole=sheet.needs_played)) as every:
        async for heard in every:
            if sheet.by_track:
                piece += await asyncio.to_thread(sheet.counted, heard.stream, heard.airings, heard.facts)
                continue
            for block in heard.airings.blocks(BLOCK):
                yield piece
                piece = await asyncio.to_thread(sheet.rows, heard.stream, block, heard.facts)
    yield piece
