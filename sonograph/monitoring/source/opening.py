"""From an address to what sends sound: through redirects and playlists, each hop behind the guard."""

import asyncio
from dataclasses import dataclass

from sonograph.egress.urls import Blocked
from sonograph.monitoring.source.faults import NO_STREAM, WEB_PAGE, Fault, of_status
from sonograph.monitoring.source.http import Answer, ask
from sonograph.monitoring.source.playlists import absolute, entries, is_hls, is_page, is_text, named
from sonograph.monitoring.source.terms import Terms

_HOPS = 8  # redirects and playlists, together
_PLAYLIST = 262_144  # bytes
_ENOUGH = 128  # bytes by which text is told from sound
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GOOD = frozenset({200, 206})


@dataclass(frozen=True, slots=True)
class HlsFound:
    """A playlist of HLS, as it was read."""

    url: str
    text: bytes
    name: str | None


async def opened(url: str, terms: Terms) -> Answer | HlsFound:
    """What sends sound. Raises `Fault`, also for an address that is forbidden."""
    try:
        return await _hop(url, terms, [_HOPS])
    except Blocked as blocked:
        raise Fault(f"We may not connect: {blocked.message.removeprefix('url: ')}.", lasting=True) from None


async def _hop(url: str, terms: Terms, hops: list[int]) -> Answer | HlsFound:
    """`hops` are those left, counted down by all branches of a playlist together."""
    if not hops[0]:
        raise Fault(f"The address leads on and on: {_HOPS} redirects and playlists without a stream.", lasting=True)
    hops[0] -= 1
    answer = await ask(terms.checked(url), terms)
    passed_on = False
    try:
        status = answer.head.status
        if status in _REDIRECTS:
            target = absolute(url, answer.head.headers.get("location", ""))
            if target is None or not answer.head.headers.get("location"):
                raise Fault("The station redirects to nowhere.", lasting=True)
            answer.close()
            return await _hop(target, terms, hops)
        if status not in _GOOD:
            raise of_status(status)
        if answer.head.headers.get("content-type", "").lower().startswith("video/") and not _is_playlist(answer):
            raise Fault("This is a video, not a radio stream.", lasting=True)
        text = await _text(answer, terms)
        if text is None:
            passed_on = True
            return answer
    finally:
        if not passed_on:
            answer.close()
    if is_hls(text):
        return HlsFound(url, text, answer.head.headers.get("icy-name") or None)
    found = entries(text, url)
    if not found:
        nothing = "The playlist names no address that can be read." if named(text) else NO_STREAM
        raise Fault(WEB_PAGE if is_page(text) else nothing, lasting=True)
    return await _first_of(found, terms, hops)


async def _first_of(found: list[str], terms: Terms, hops: list[int]) -> Answer | HlsFound:
    fault: Fault | Blocked | None = None
    for entry in found:
        try:
            return await _hop(entry, terms, hops)
        except (Fault, Blocked) as error:
            fault = fault or error
    raise fault or Fault("The playlist is empty.", lasting=True)


def _is_playlist(answer: Answer) -> bool:
    kind = answer.head.headers.get("content-type", "").lower()
    return "mpegurl" in kind or "scpls" in kind or "asf" in kind or "asx" in kind


async def _text(answer: Answer, terms: Terms) -> bytes | None:
    """All of a body that is text; None for sound, of which nothing is lost."""
    patience = terms.means.patience
    start = b""
    try:
        async with asyncio.timeout(patience.silence):
            while len(start) < _ENOUGH:
                piece = await answer.read()
                if not piece:
                    break
                start += piece
    except TimeoutError:
        if not start:
            raise Fault(f"The station accepts us and sends nothing for {patience.silence:.0f} s.") from None
    if not start:
        raise Fault("The station ends the connection without sending anything.")
    answer.put_back(start)
    if not is_text(start):
        return None
    try:
        async with asyncio.timeout(patience.answer):
            return await answer.whole(_PLAYLIST)
    except TimeoutError:
        raise Fault("A playlist does not come to its end.") from None
