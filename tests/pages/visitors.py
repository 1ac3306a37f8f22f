"""People for tests: accounts made in the database, mails they got, and a browser without scripts."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import asyncpg
import httpx
from lxml import html

from sonograph import clock
from sonograph.accounts import sessions
from sonograph.accounts.passwords import Passwords

PASSWORD = "seven brown owls at dusk"
SESSION, FORM = "sonograph-session", "sonograph-form"
_numbers = count(1)
_hash: list[str] = []


@dataclass(frozen=True, slots=True)
class Person:
    account_id: int
    email: str
    token: str  # of a session


def query(database_url: str, statement: str, *values: object) -> list[Any]:
    """Rows of a statement on the schema of accounts."""

    async def rows() -> list[Any]:
        connection = await asyncpg.connect(database_url, server_settings={"search_path": "accounts"})
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    return asyncio.run(rows())


def new_email() -> str:
    return f"reader{next(_numbers)}@pages.example.org"


def make_person(database_url: str, plan: str = "free", *, reviewer: bool = False, email: str | None = None) -> Person:
    """Somebody verified and signed in, with PASSWORD."""
    to = email or new_email()

    async def make() -> Person:
        if not _hash:  # 50 ms of CPU: once is enough
            _hash.append(await Passwords().hash(PASSWORD))
        connection = await asyncpg.connect(database_url)
        try:
            account_id = await connection.fetchval(
                "insert into accounts.account (email, plan, email_verified_at, created_at, password_hash, reviewer) "
                "values ($1, $2, $3, $3, $4, $5) returning id",
                to,
                plan,
                clock.now(),
                _hash[0],
                reviewer,
            )
            return Person(account_id, to, await sessions.create(connection, account_id, address=None))
        finally:
            await connection.close()

    return asyncio.run(make())


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The folder that mails are put into where no server is set."""

    folder: Path

    def latest(self, to: str, subject: str) -> str:
        """The text of the newest mail to an address with this subject; mails are sent after the answer."""
        deadline = monotonic() + 10
        while True:
            paths = self.folder.glob("*") if self.folder.is_dir() else ()
            mails = [(path.name, message_from_bytes(path.read_bytes(), policy=policy.default)) for path in paths]
            found = [(n, m) for n, m in mails if to in str(m["To"]) and subject in str(m["Subject"])]
            if found:
                return str(max(found, key=lambda pair: pair[0])[1].get_content())
            assert monotonic() < deadline, f"no mail {subject!r} to {to}"
            sleep(0.05)

    def link(self, to: str, subject: str, path: str) -> str:
        """The path and query of the link in that mail."""
        text = self.latest(to, subject)
        found = re.search(rf"{path}\?token=[\w-]+", text)
        assert found, text
        return found[0]


class Reader:
    """A browser without scripts: keeps cookies, and sends forms as pages show them."""

    def __init__(self, site: str, person: Person | None = None) -> None:
        self.http = httpx.Client(base_url=site, timeout=20)
        if person:
            self.http.cookies.set(SESSION, person.token, domain=self.http.base_url.host)
        self.page = httpx.Response(200, text="<p></p>")

    def get(self, path: str) -> httpx.Response:
        self.page = self.http.get(path, follow_redirects=True)
        return self.page

    @property
    def tree(self) -> Any:
        return html.fromstring(self.page.text)

    @property
    def text(self) -> str:
        return " ".join(self.tree.find(".//main").text_content().split())

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form whose action ends so, as they stand."""
        (form,) = (form for form in self.tree.forms if (form.action or "").endswith(action))
        return {name: value for name, value in form.fields.items() if isinstance(value, str)}

    def send(self, action: str, fields: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """Send a form of the page in front of us; the answer without following where it leads."""
        (form,) = (form for form in self.tree.forms if (form.action or "").endswith(action))
        address = self.page.url.join(form.action)
        headers = {"origin": str(self.http.base_url).rstrip("/"), **more}
        return self.http.post(address, data=self.form(action) | dict(fields or {}), headers=headers)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code == 303, answer.text
        return self.get(str(answer.url.join(answer.headers["location"])))
