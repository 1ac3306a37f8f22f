"""Passwords: which ones are taken, and how they are kept.

Argon2id with 19 MiB and three passes: 37 to 55 ms of one core, in two threads of their own, because the event loop has
other requests to serve. An unknown account costs the same as a known one.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from sonograph.errors import Invalid, Unavailable

T = TypeVar("T")

SHORTEST, LONGEST = 10, 200  # characters
THREADS = 2
MAX_WAITING = 64  # 1.6 s of work for both threads; more is an attack, and answering late helps nobody
MEMORY_KIB, PASSES = 19 * 1024, 3

# The commonest of those that are long enough, from lists of leaked passwords; without digits at the end.
COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())
DIGITS = ("01234567890123456789", "98765432109876543210", "11223344556677889900", "12345678910")
ENDING = "0123456789!?.*#$@-_ "


def check(password: str, email: str) -> str:
    """A password that may be set; raises `Invalid`. Anything goes that is long enough and not the first guess."""
    if not SHORTEST <= len(password) <= LONGEST or "\x00" in password:
        raise Invalid(f"password: must have {SHORTEST} to {LONGEST} characters", "password")
    plain = password.lower()
    core = plain.strip(ENDING)
    common = core in COMMON or plain in COMMON or any(plain in digits for digits in DIGITS)
    if common or len(set(plain)) <= 2 or plain in (email, email.partition("@")[0]):  # noqa: PLR2004  # such as ababababab
        raise Invalid("password: this one is among the first that others would guess", "password")
    return password


class Passwords:
    """Hashes and verifies beside the event loop."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, type=Type.ID)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._under_way = 0
        self._nobodys = self._hasher.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, password)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; for None (no account, or one without a password) as much work for a no."""
        if len(password) > LONGEST:
            return False  # it was never taken, and says nothing of the account
        matches = await self._run(self._verify, kept or self._nobodys, password)
        return matches and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than ours."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, function: Callable[..., T], *values: str) -> T:
        if self._under_way >= MAX_WAITING:
            raise Unavailable("Too many people are signing in at once: try again in a moment.")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *values)
        except UnicodeEncodeError as error:  # half a surrogate pair, which no keyboard makes
            raise Invalid("password: holds a character that is none", "password") from error
        finally:
            self._under_way -= 1
