"""HLS, live: asks for the playlist again and again, and for each piece that is new in it."""

import asyncio
from collections import OrderedDict
from contextlib import suppress

import structlog

from sonograph.egress.urls import Blocked
from sonograph.monitoring.source.faults import ENDED, OURS, RECORDING, Fault, of_status
from sonograph.monitoring.source.hls_playlists import HlsPiece, Master, Media, parse
from sonograph.monitoring.source.http import Answer, ask
from sonograph.monitoring.source.opening import HlsFound
from sonograph.monitoring.source.playlists import absolute, is_hls
from sonograph.monitoring.source.receiver import Fed, Segment
from sonograph.monitoring.source.terms import Terms

_BEGIN = 3  # pieces from the end, as players do
_PLAYLIST = 524_288  # bytes; an hour of short pieces is 100 KiB
_PIECE = 2_097_152  # bytes; ten seconds of CD quality in FLAC are 1 MiB
_QUEUE = 2  # pieces that wait to be decoded
_REDIRECTS = 4
_TRIES = 3  # of a piece that cannot be had, before it is left out
_FAILING = 3  # pieces left out in a row
log = structlog.get_logger()


class Hls:
    """Reads in a task of its own, at most two pieces ahead of who listens."""

    steady = False

    def __init__(self, found: HlsFound, terms: Terms) -> None:
        self.name = found.name
        self.bitrate: int | None = None
        self.complete = False  # no piece will be added: it had its end when it was first asked for
        self._terms = terms
        self._url = found.url
        self._queue: asyncio.Queue[list[Fed] | Fault] = asyncio.Queue(_QUEUE)
        self._starts: OrderedDict[str, bytes] = OrderedDict()
        self._task = asyncio.create_task(self._read(found.text))

    async def more(self, seconds: float) -> list[Fed]:
        try:
            async with asyncio.timeout(seconds):
                got = await self._queue.get()
        except TimeoutError:
            return []
        if isinstance(got, Fault):
            raise got
        return got

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _read(self, text: bytes) -> None:
        try:
            await self._follow(text)
        except Blocked as blocked:
            reason = blocked.message.removeprefix("url: ")
            await self._queue.put(Fault(f"We may not connect to a part of the stream: {reason}.", lasting=True))
        except Fault as fault:
            await self._queue.put(fault)
        except Exception:
            log.exception("a stream could not be read", url=self._url.partition("?")[0])  # the query may hold a key
            await self._queue.put(Fault(OURS, lasting=True))

    async def _follow(self, text: bytes) -> None:
        clock, stale = self._terms.means.clock, self._terms.means.patience.stale
        media = await self._media(text)
        self.complete = media.ended
        numbers = [piece.number for piece in media.pieces]
        next_number = numbers[-_BEGIN:][0] if numbers else media.first
        changed = clock.now()
        failed = 0
        while True:
            new = [piece for piece in media.pieces if piece.number >= next_number]
            if media.pieces and media.pieces[-1].number + 1 < next_number:
                new = list(media.pieces[-_BEGIN:])  # numbers began anew: the station did
            for piece in new:
                failed = 0 if await self._give(piece) else failed + 1
                if failed >= _FAILING:
                    raise Fault("The pieces of the stream that its playlist names cannot be had.")
                next_number = piece.number + 1
            if new:
                changed = clock.now()
            elif clock.now() - changed > stale:
                raise Fault(f"The stream's playlist has not changed for {stale:.0f} s.")
            if self.complete:
                raise Fault(RECORDING, lasting=True)
            if media.ended:
                raise Fault(ENDED, ended=True)
            # As RFC 8216 has it: the length of a piece, or half of it if nothing was new.
            await clock.sleep(media.target if new else media.target / 2)
            media = await self._media(await self._get(self._url, _PLAYLIST))

    async def _media(self, text: bytes) -> Media:
        if not is_hls(text):
            raise Fault("What was a playlist is none any more.")
        playlist = parse(text.decode("utf-8", "replace"), self._url)
        if isinstance(playlist, Master):
            self._url = playlist.url
            playlist = parse((await self._get(self._url, _PLAYLIST)).decode("utf-8", "replace"), self._url)
            if isinstance(playlist, Master):
                raise Fault("The stream's playlists lead in a circle.", lasting=True)
        return playlist

    async def _give(self, piece: HlsPiece) -> bool:
        """Puts a piece where it is listened to; whether it could be had."""
        for tried in range(_TRIES):
            try:
                start = await self._start(piece.start)
                data = await self._get(piece.url, _PIECE, piece.span)
            except Fault:
                if tried < _TRIES - 1:
                    await self._terms.means.clock.sleep(min(1.0, piece.seconds / 4))
            else:
                title: list[Fed] = [piece.title] if piece.title and self._terms.titles else []
                await self._queue.put([*title, Segment(data, start)])
                return True
        return False

    async def _start(self, url: str | None) -> bytes:
        if url is None:
            return b""
        if url not in self._starts:
            self._starts[url] = await self._get(url, _PIECE)
            if len(self._starts) > 1:
                self._starts.popitem(last=False)
        return self._starts[url]

    async def _get(self, url: str, most: int, span: tuple[int, int] | None = None) -> bytes:
        more = f"Range: bytes={span[0]}-{span[1]}\r\n" if span else ""
        for _ in range(_REDIRECTS):
            answer = await ask(self._terms.checked(url), self._terms, more)
            try:
                target = answer.head.headers.get("location", "")
                if 300 <= answer.head.status < 400 and target:  # noqa: PLR2004  (redirects)
                    url = absolute(url, target) or ""
                    continue
                return await self._body(answer, most, span)
            finally:
                answer.close()
        raise Fault("A part of the stream leads on and on.", lasting=True)

    async def _body(self, answer: Answer, most: int, span: tuple[int, int] | None) -> bytes:
        if answer.head.status not in (200, 206):
            raise of_status(answer.head.status)
        patience = self._terms.means.patience
        try:
            async with asyncio.timeout(patience.silence):
                data = await answer.whole(most)
        except TimeoutError:
            raise Fault(f"A part of the stream takes longer than {patience.silence:.0f} s.") from None
        return data[span[0] : span[1] + 1] if span and answer.head.status == 200 else data  # noqa: PLR2004  (all of it)
