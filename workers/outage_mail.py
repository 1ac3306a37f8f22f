"""Outage mail: tells accounts of outages of streams for which they asked for it."""

import asyncio
import logging
from contextlib import suppress

from sonograph.engine import Engine
from sonograph.mail.outbox import Outbox, check_sender, letter
from sonograph.mail.transport import Folder, Smtp
from sonograph.monitoring.outage_letters import send_letters
from sonograph.postgres.trouble import TROUBLE

EVERY_SECONDS = 10.0

_log = logging.getLogger(__name__)


async def run(engine: Engine, stop: asyncio.Event) -> None:
    """Look for what is to be told until told to stop; at the end, mail that waits is sent."""
    settings = engine.settings
    sender = check_sender(settings.mail_from)
    transport = Smtp.of(settings.smtp_url) if settings.smtp_url else Folder(settings.data_dir / "mail")
    async with Outbox(transport).open() as outbox:

        def send(to: str, text: tuple[str, str]) -> None:
            outbox.post(letter(sender, to, *text))

        while not stop.is_set():
            try:
                if sent := await send_letters(engine.accounts, send, settings.base_url):
                    _log.info("outages: %d letters", sent)
            except TROUBLE as error:
                _log.warning("outages are not told for now: %s", str(error) or type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
