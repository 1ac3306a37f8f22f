"""Messages on their way: whoever posts one never waits for a server, and never hears of its troubles."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from heapq import heappop, heappush

from sonograph import clock
from sonograph.errors import Misconfigured
from sonograph.mail.transport import Refused, Transport

RETRY_AFTER = (5.0, 30.0, 120.0, 600.0, 1800.0)  # seconds; servers that greylist want some minutes
MAX_WAITING = 1000  # messages: some KiB each
DRAIN_SECONDS = 8.0  # at shutdown; container runtimes kill after ten

_log = logging.getLogger(__name__)


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    number: int
    tries: int = field(compare=False)
    message: EmailMessage = field(compare=False)


def letter(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """A message in plain text. What does not fit into a header, line breaks above all, is a `ValueError`."""
    message = EmailMessage(policy=SMTP)
    user, _, domain = to.rpartition("@")
    message["From"] = sender
    message["To"] = Address(username=user, domain=domain)
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer
    message.set_content(text)
    return message


def check_sender(sender: str) -> str:
    """The sender of the settings, if it is one address, with or without a name."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        (address,) = message["From"].addresses
    except (ValueError, IndexError):
        address = None
    if address is None or not address.username or not address.domain or message["From"].defects:
        raise Misconfigured(f"SONOGRAPH_MAIL_FROM: {sender!r} is no sender such as Name <name@example.org>")
    return sender


class Outbox:
    """A bounded queue before one thread that talks to the server.

    `sent`, `failed` and `waiting` are for metrics.
    """

    def __init__(
        self, transport: Transport, retry_after: Sequence[float] = RETRY_AFTER, max_waiting: int = MAX_WAITING
    ) -> None:
        self.sent = self.failed = 0
        self._transport, self._retry_after, self._max_waiting = transport, retry_after, max_waiting
        self._queue: list[_Waiting] = []
        self._posted = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mail")

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def post(self, message: EmailMessage) -> None:
        """Put a message on its way. When a thousand wait already it is dropped: it can be asked for again."""
        if len(self._queue) >= self._max_waiting:
            self._give_up(message, "too many messages wait")
            return
        self._push(_Waiting(0.0, self._posted, 0, message))
        self._posted += 1

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Outbox"]:
        """Deliver until the end; then what still waits is tried once more, for some seconds."""
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            self._closing = True
            self._wake.set()
            _, late = await asyncio.wait([task], timeout=DRAIN_SECONDS)
            if late:
                task.cancel()
                _log.error("%d messages could not be sent before the end", len(self._queue) + 1)
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue or not self._closing:
            now = loop.time()
            if self._queue and (self._closing or self._queue[0].due <= now):
                await self._deliver(heappop(self._queue))
                continue
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), self._queue[0].due - now if self._queue else None)
            except TimeoutError:
                continue

    async def _deliver(self, waiting: _Waiting) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._transport.deliver, waiting.message)
        except Refused as error:
            self._give_up(waiting.message, str(error))
        except Exception as error:  # noqa: BLE001  # smtplib and sockets raise a dozen kinds; none may end the queue
            if self._closing or waiting.tries >= len(self._retry_after):
                self._give_up(waiting.message, str(error) or type(error).__name__)
                return
            waiting.due = loop.time() + self._retry_after[waiting.tries]
            waiting.tries += 1
            _log.warning("mail waits for try %d: %s", waiting.tries + 1, error)
            self._push(waiting)
        else:
            self.sent += 1

    def _push(self, waiting: _Waiting) -> None:
        heappush(self._queue, waiting)
        self._wake.set()

    def _give_up(self, message: EmailMessage, reason: str) -> None:
        self.failed += 1
        _log.error("mail %r to %s was not sent: %s", message["Subject"], message["To"], reason)
