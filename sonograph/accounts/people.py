"""What the dealings with people need beside the database: mail, the hashing of passwords, limits, and where we are."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from sonograph.accounts.attempts import Attempts
from sonograph.accounts.letters import Text
from sonograph.accounts.limits_storage import open_storage
from sonograph.accounts.passwords import Passwords
from sonograph.mail.outbox import Outbox, check_sender, letter
from sonograph.mail.transport import Folder, Smtp
from sonograph.settings import Settings

MAX_LATER = 1000
LATER_SECONDS = 5.0  # at shutdown

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class People:
    """`pool` is `Engine.accounts`."""

    pool: asyncpg.Pool
    outbox: Outbox
    passwords: Passwords
    attempts: Attempts
    base_url: str
    sender: str
    sign_up_open: bool = True
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    def send(self, to: str, text: Text) -> None:
        """Put a mail on its way; see `Outbox.post`."""
        subject, body = text
        self.outbox.post(letter(self.sender, to, subject, body))

    def later(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something after the answer: how long an answer takes shall not tell whether there is such an account."""
        if len(self._later) >= MAX_LATER:
            _log.error("%s was left out: too much waits", job.__qualname__)
            return
        task = asyncio.create_task(_logged(job))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def settle(self) -> None:
        """Wait for what was to be done later."""
        if self._later:
            _, late = await asyncio.wait(self._later, timeout=LATER_SECONDS)
            for task in late:
                task.cancel()


@asynccontextmanager
async def open_people(settings: Settings, pool: asyncpg.Pool) -> AsyncIterator[People]:
    """Ready to deal with people; at the end, mails that wait are sent."""
    sender = check_sender(settings.mail_from)
    transport = Smtp.of(settings.smtp_url) if settings.smtp_url else Folder(settings.data_dir / "mail")
    passwords = await asyncio.to_thread(Passwords)
    try:
        async with open_storage(settings.limits_url) as storage, Outbox(transport).open() as outbox:
            people = People(pool, outbox, passwords, Attempts(storage), settings.base_url, sender, settings.sign_up)
            try:
                yield people
            finally:
                await people.settle()
    finally:
        passwords.close()


async def _logged(job: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await job()
    except Exception:  # noqa: BLE001  # nobody waits for it, so nobody else would hear of it
        _log.exception("%s failed", job.__qualname__)
