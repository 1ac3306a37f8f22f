"""Letters about outages: what happened within half a minute is one letter, and an account has twelve a day at most.

What comes after the twelfth waits, and is told with the first letter of the next day; events are written in any case.
"""

from collections.abc import Callable, Sequence

import asyncpg

from sonograph import clock
from sonograph.events.event import EventType
from sonograph.monitoring import outage_store
from sonograph.monitoring.outage_store import Note

GATHER_SECONDS = 30.0
LETTERS_A_DAY = 12
LISTED = 50  # things told in a letter; of the others the number

Send = Callable[[str, tuple[str, str]], None]  # address; subject and text


async def send_letters(pool: asyncpg.Pool, send: Send, base_url: str, gather: float = GATHER_SECONDS) -> int:
    """Send what is due, each note once; how many letters."""
    letters = 0
    while True:
        async with pool.acquire() as connection, connection.transaction():
            account = await outage_store.next_account(connection, gather, LETTERS_A_DAY)
            if account is None:
                return letters
            number, address = account
            notes = await outage_store.waiting_notes(connection, number)
            is_last = await outage_store.letters_today(connection, number) + 1 >= LETTERS_A_DAY
            await outage_store.mark_sent(connection, notes, clock.now())
            send(address, letter_of(notes, base_url, is_last=is_last))
            letters += 1


def letter_of(notes: Sequence[Note], base_url: str, *, is_last: bool) -> tuple[str, str]:
    """Subject and text. Names of streams are the account's own, and stay out of the subject."""
    offline = sum(note.type is EventType.STREAM_OFFLINE for note in notes)
    lines = [_line(note) for note in notes[:LISTED]]
    if len(notes) > LISTED:
        lines.append(f"- and {len(notes) - LISTED} more: see the feed of events.")
    parts = ["\n".join(lines), f"Your streams: {base_url}/dashboard/streams"]
    if is_last:
        parts.append(f"This is letter {LETTERS_A_DAY} of the last 24 hours: what happens next is told tomorrow.")
    parts.append("You get this because outage notifications are on for these streams.")
    return _subject(offline, len(notes) - offline), "\n\n".join(parts) + "\n"


def _subject(offline: int, online: int) -> str:
    told = ((offline, "offline"), (online, "back"))
    return ", ".join(f"{number} stream{'' if number == 1 else 's'} {word}" for number, word in told if number)


def _line(note: Note) -> str:
    what = f"offline: {note.reason}" if note.type is EventType.STREAM_OFFLINE else "back"
    name = " ".join((note.name or note.url).split())  # in one line, whatever its owner typed
    return f"- {note.at:%d %B %Y %H:%M:%S} UTC, stream {note.stream_id}, {name}: {what}"
