"""Where mail goes: to an SMTP server, or into the log and a folder where none is set."""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTPUTF8
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sonograph import clock
from sonograph.errors import Misconfigured

TIMEOUT_SECONDS = 10.0  # for each step of a conversation
MAX_KEPT = 1000  # files in the folder: the newest stay
PORTS = {"smtp": 25, "smtps": 465}
STARTTLS_PORT = 587
PERMANENT = range(500, 600)
# The URL is not repeated: there is a password in it.
NO_URL = "SONOGRAPH_SMTP_URL: must look like smtp://user:password@host:port?starttls or smtps://user:password@host:port"

_log = logging.getLogger(__name__)


class Refused(Exception):  # tells the outbox what to do
    """The server will never take this message."""


class Transport(Protocol):
    def deliver(self, message: EmailMessage) -> None:
        """Hand a message over, blocking; `Refused` when trying again is useless, any `OSError` when it may help."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """A server, of a URL: smtp://, with ?starttls encrypted before anything is said, or smtps://."""

    host: str
    port: int
    tls: bool = False
    starttls: bool = False
    user: str | None = None
    password: str = field(default="", repr=False)
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False, compare=False)

    @classmethod
    def of(cls, url: str) -> "Smtp":
        try:
            parts = urlsplit(url)
            given = parts.port
        except ValueError:
            raise Misconfigured(NO_URL) from None
        starttls = bool(parts.query)
        if (
            parts.scheme not in PORTS
            or not parts.hostname
            or parts.path not in ("", "/")
            or parts.query not in ("", "starttls", "starttls=1", "starttls=true")
            or (starttls and parts.scheme == "smtps")
        ):
            raise Misconfigured(NO_URL)
        port = given or (STARTTLS_PORT if starttls else PORTS[parts.scheme])
        return cls(
            parts.hostname,
            port,
            parts.scheme == "smtps",
            starttls,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password or ""),
        )

    def deliver(self, message: EmailMessage) -> None:
        try:
            with self._connect(TIMEOUT_SECONDS) as server:
                self._enter(server)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if all(code in PERMANENT for code in codes):
                raise Refused(str(error)) from error
            raise
        except smtplib.SMTPAuthenticationError:
            raise  # it has to be mended here, and then the message can go
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            raise Refused(str(error)) from error
        except smtplib.SMTPResponseException as error:
            if error.smtp_code in PERMANENT:
                raise Refused(str(error)) from error
            raise

    def greet(self, timeout: float) -> None:
        """Go as far as before a message, blocking; raises an `OSError` where that fails. `timeout` is for each step."""
        with self._connect(timeout) as server:
            self._enter(server)
            server.noop()

    def _connect(self, timeout: float) -> smtplib.SMTP:
        if self.tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=timeout, context=self.context)
        return smtplib.SMTP(self.host, self.port, timeout=timeout)

    def _enter(self, server: smtplib.SMTP) -> None:
        if self.starttls:
            server.starttls(context=self.context)
        if self.user is not None:
            server.login(self.user, self.password)


@dataclass(frozen=True, slots=True)
class Folder:
    """No server: messages are logged, links included, and kept as files that any mail program opens."""

    path: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def deliver(self, message: EmailMessage) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.path / f"{clock.now():%Y%m%dT%H%M%S.%f}-{next(self._numbers):06}.eml"
        file.touch(mode=0o600)
        file.write_bytes(message.as_bytes(policy=SMTPUTF8))
        for old in sorted(self.path.glob("*.eml"))[:-MAX_KEPT]:
            old.unlink(missing_ok=True)
        _log.warning(
            "SONOGRAPH_SMTP_URL is not set; mail to %s is in %s:\n%s", message["To"], file, message.get_content()
        )
