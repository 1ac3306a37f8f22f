"""The two cookies of our pages: the session's token, and the secret that form tokens are made from.

Neither can be read by scripts, neither goes along with requests that other sites send, except when somebody follows a
link to us. Where the public address is https, both are Secure and have the prefix __Host-: set by this host, for this
host alone.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Final, Self

from starlette.requests import Request
from starlette.responses import Response

from sonograph.accounts.sessions import IDLE
from sonograph.settings import Settings

PREFIX: Final = "__Host-"
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Cookies:
    secure: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(secure=settings.base_url.startswith("https:"))

    @property
    def session(self) -> str:
        return f"{PREFIX if self.secure else ''}sonograph-session"

    @property
    def form(self) -> str:
        return f"{PREFIX if self.secure else ''}sonograph-form"

    def session_of(self, request: Request) -> str | None:
        return request.cookies.get(self.session)

    def form_of(self, request: Request) -> str | None:
        """The secret that the browser has; one that is not ours to look at counts as none."""
        given = request.cookies.get(self.form, "")
        return given if SECRET.fullmatch(given) else None

    def keep(self, answer: Response, name: str, value: str) -> None:
        """The browser forgets it with the session: both live as long."""
        answer.set_cookie(
            name, value, max_age=int(IDLE.total_seconds()), path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def drop(self, answer: Response, name: str) -> None:
        answer.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")


def new_secret() -> str:
    return secrets.token_urlsafe(32)
