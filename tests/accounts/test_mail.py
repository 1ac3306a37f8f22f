"""Mail, to a real SMTP server on this machine: encrypted, refused, late, away; and into a folder without one."""

import asyncio
import logging
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from sonograph.errors import Misconfigured
from sonograph.mail import outbox, transport
from sonograph.mail.outbox import Outbox, check_sender, letter
from sonograph.mail.transport import Folder, Smtp
from tests.service import free_port

SENDER = "Söno Graph <sono@example.org>"
Start = Callable[..., Controller]


class Inbox:
    """What the server took. `answers` are its words to the next messages, before it takes any."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.to: list[str] = []
        self.users: list[str] = []
        self.answers: list[str] = []
        self.encrypted = False

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # the library's name
        if self.answers:
            return self.answers.pop(0)
        self.encrypted = session.ssl is not None  # by STARTTLS
        self.taken.append(envelope.content)
        self.to += envelope.rcpt_tos
        return "250 OK"

    async def handle_RCPT(self, _s: Any, _session: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append(data.login.decode())
        return AuthResult(success=data.password == b"p@ss:word/")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def start(inbox: Inbox) -> Iterator[Start]:
    running: list[Controller] = []

    def begin(**options: Any) -> Controller:
        controller = Controller(inbox, hostname="127.0.0.1", port=options.pop("port", free_port()), **options)
        controller.start()
        running.append(controller)
        return controller

    yield begin
    for controller in running:
        controller.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server on 127.0.0.1 and of a client that trusts it."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key", "-out", folder / "crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "crt", folder / "key")
    return server, ssl.create_default_context(cafile=folder / "crt")


async def _deliver(
    smtp: transport.Transport, *messages: EmailMessage, retry_after: tuple[float, ...] = (0.05, 0.05)
) -> Outbox:
    """Post messages and wait until none waits."""
    async with Outbox(smtp, retry_after).open() as box:
        for message in messages:
            box.post(message)
        await _settled(box, len(messages))
    return box


async def _settled(box: Outbox, number: int) -> None:
    for _ in range(1000):
        if box.sent + box.failed >= number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError((box.sent, box.failed, box.waiting))


async def test_a_message_arrives_as_it_was_written(start: Start, inbox: Inbox) -> None:
    server = start()
    text = "Überschrift\n\n.\nHere: https://music.example/verify?token=" + "x" * 43 + "\n"
    box = await _deliver(Smtp.of(f"smtp://127.0.0.1:{server.port}"), letter(SENDER, "a@example.org", "Grüße", text))
    assert (box.sent, box.failed, inbox.to) == (1, 0, ["a@example.org"])
    message = message_from_bytes(inbox.taken[0], policy=default)
    assert (message["To"], message["From"], message["Subject"]) == ("a@example.org", SENDER, "Grüße")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"]
    assert message["Date"]
    assert isinstance(message, EmailMessage)
    assert message.get_content().replace("\r\n", "\n") == text


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "starttls"])
async def test_encrypted_with_a_password(
    start: Start,
    inbox: Inbox,
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
    scheme: str,
) -> None:
    on_server, on_client = certificate
    login = {"authenticator": inbox.authenticate, "auth_require_tls": scheme == "starttls"}
    tls = {"smtp": {}, "smtps": {"ssl_context": on_server}, "starttls": {"tls_context": on_server}}[scheme]
    server = start(**login, **tls)
    url = f"{'smtps' if scheme == 'smtps' else 'smtp'}://us%40er:p%40ss%3Aword%2F@127.0.0.1:{server.port}"
    smtp = replace(Smtp.of(url + ("?starttls" if scheme == "starttls" else "")), context=on_client)
    assert "p@ss" not in repr(smtp)
    box = await _deliver(smtp, letter(SENDER, "a@example.org", "s", "t"))
    assert (box.sent, inbox.users, inbox.encrypted) == (1, ["us@er"], scheme == "starttls")


@pytest.mark.parametrize("scheme", ["smtps", "starttls"])
async def test_a_server_that_is_not_who_it_says_gets_nothing(
    start: Start, inbox: Inbox, certificate: tuple[ssl.SSLContext, ssl.SSLContext], scheme: str
) -> None:
    options: dict[str, Any] = {"ssl_context": certificate[0]} if scheme == "smtps" else {"tls_context": certificate[0]}
    maker = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(maker.factory, "127.0.0.1", maker.port, ssl=options.get("ssl_context"))
    try:
        url = {"smtps": "smtps://127.0.0.1:%d", "starttls": "smtp://127.0.0.1:%d?starttls"}[scheme] % maker.port
        box = await _deliver(Smtp.of(url), letter(SENDER, "a@example.org", "s", "t"), retry_after=())
    finally:
        server.close()
        maker.loop.close()
    assert (box.sent, box.failed, inbox.taken) == (0, 1, [])
    plain = start()
    box = await _deliver(
        Smtp.of(f"smtp://127.0.0.1:{plain.port}?starttls"), letter(SENDER, "a@b.org", "s", "t"), retry_after=()
    )
    assert (box.failed, inbox.taken) == (1, [])  # it offers no encryption


async def test_what_may_help_is_tried_again_and_what_may_not_is_not(
    start: Start, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    server = start()
    smtp = Smtp.of(f"smtp://127.0.0.1:{server.port}")
    inbox.answers = ["451 later", "451 later"]
    box = await _deliver(smtp, letter(SENDER, "a@example.org", "s", "t"))
    assert (box.sent, box.failed, len(inbox.taken)) == (1, 0, 1)
    inbox.answers = ["451 later"] * 3
    box = await _deliver(smtp, letter(SENDER, "late@example.org", "s", "t"))
    assert (box.sent, box.failed, inbox.answers) == (0, 1, [])
    inbox.answers = ["554 spam", "250 taken for granted"]
    box = await _deliver(
        smtp, letter(SENDER, "spam@example.org", "s", "t"), letter(SENDER, "nobody@example.org", "s", "t")
    )
    assert (box.sent, box.failed, inbox.answers) == (0, 2, ["250 taken for granted"])
    for name in ("late", "spam", "nobody"):
        assert f"to {name}@example.org was not sent" in caplog.text


async def test_a_server_that_is_away_holds_up_nobody(start: Start, inbox: Inbox) -> None:
    """It comes back, and gets what waits; one message that fails does not hold up the others."""
    port = free_port()
    async with Outbox(Smtp.of(f"smtp://127.0.0.1:{port}"), (0.2,) * 20).open() as box:
        for n in range(3):
            box.post(letter(SENDER, f"a{n}@example.org", "s", "t"))
        await asyncio.sleep(0.1)
        assert (box.sent, box.failed) == (0, 0)
        start(port=port)
        await _settled(box, 3)
    assert sorted(inbox.to) == ["a0@example.org", "a1@example.org", "a2@example.org"]


async def test_the_end_waits_for_what_is_on_its_way(start: Start, inbox: Inbox) -> None:
    server = start()
    async with Outbox(Smtp.of(f"smtp://127.0.0.1:{server.port}"), (60.0,)).open() as box:
        inbox.answers = ["451 later"]
        box.post(letter(SENDER, "late@example.org", "s", "t"))
        while inbox.answers or not box.waiting:  # noqa: ASYNC110  # set by the server's thread
            await asyncio.sleep(0.01)
        for n in range(20):
            box.post(letter(SENDER, f"a{n}@example.org", "s", "t"))
    assert len(inbox.taken) == 21
    assert (box.sent, box.waiting) == (21, 0)


async def test_an_end_is_not_held_up_by_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "DRAIN_SECONDS", 0.2)
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 1.0)

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting.append(writer)

    waiting: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    began = asyncio.get_running_loop().time()
    async with Outbox(Smtp.of(f"smtp://127.0.0.1:{port}")).open() as box:
        box.post(letter(SENDER, "a@example.org", "s", "t"))
        await asyncio.sleep(0.05)
    assert asyncio.get_running_loop().time() - began < 0.9
    for writer in waiting:
        writer.close()
        await writer.wait_closed()
    silent.close()
    await silent.wait_closed()


async def test_messages_that_wait_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    box = Outbox(Smtp.of("smtp://127.0.0.1:1"), max_waiting=3)
    for n in range(5):
        box.post(letter(SENDER, f"a{n}@example.org", "s", "t"))
    assert (box.waiting, box.failed) == (3, 2)
    assert "too many messages wait" in caplog.text


async def test_addresses_of_the_world_need_a_server_that_knows_them(start: Start, inbox: Inbox) -> None:
    knows = start(enable_SMTPUTF8=True)
    message = letter(SENDER, "用户@例え.example", "s", "t")
    assert (await _deliver(Smtp.of(f"smtp://127.0.0.1:{knows.port}"), message)).sent == 1
    assert inbox.to == ["用户@例え.example"]
    not_ = start(enable_SMTPUTF8=False)
    assert (await _deliver(Smtp.of(f"smtp://127.0.0.1:{not_.port}"), message)).failed == 1


async def test_without_a_server_messages_are_logged_and_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_KEPT", 3)
    caplog.set_level(logging.WARNING)
    folder = tmp_path / "mail"
    box = await _deliver(Folder(folder), *(letter(SENDER, f"a{n}@example.org", "s", f"link {n}\n") for n in range(5)))
    assert box.sent == 5
    kept = [message_from_bytes(file.read_bytes(), policy=default) for file in sorted(folder.glob("*.eml"))]
    assert [message["To"] for message in kept] == ["a2@example.org", "a3@example.org", "a4@example.org"]
    assert "link 4" in caplog.text
    assert oct(folder.stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize("to", ["a@b.org\r\nBcc: c@d.org", "a@b.org\nBcc: c@d.org", "a\r\n@b.org"])
def test_no_header_is_smuggled_in(to: str) -> None:
    with pytest.raises(ValueError, match=r"CR or LF|linefeed"):
        letter(SENDER, to, "s", "t")
    with pytest.raises(ValueError, match="linefeed"):
        letter(SENDER, "a@b.org", f"s\r\nTo: {to}", "t")


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://h:99999", "smtp://h:x", "smtp://h/path",
     "smtp://h?tls", "smtps://h?starttls", "smtp://u:secret@h/x"],
)  # fmt: skip
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(Misconfigured, match="SONOGRAPH_SMTP_URL") as refused:
        Smtp.of(url)
    assert "secret" not in refused.value.message


def test_ports_of_urls() -> None:
    urls = ("smtp://h", "smtps://h", "smtp://h?starttls", "smtp://[::1]:2525")
    assert [(Smtp.of(url).host, Smtp.of(url).port) for url in urls] == [
        ("h", 25),
        ("h", 465),
        ("h", 587),
        ("::1", 2525),
    ]


@pytest.mark.parametrize("sender", ["", "nobody", "a@b.org, c@d.org", "a@b.org\r\nBcc: c@d.org", "<>", "Name <a@>"])
def test_senders_that_are_none(sender: str) -> None:
    with pytest.raises(Misconfigured, match="SONOGRAPH_MAIL_FROM"):
        check_sender(sender)
