"""Secrets of endpoints as they lie in the database: encrypted, as they are needed again to sign with.

Fernet (https://github.com/fernet/spec): AES-128-CBC with HMAC-SHA256, and a version. Who has the database alone, or a
dump of it, can sign nothing.
"""

import logging
import os
from base64 import urlsafe_b64decode
from binascii import Error
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from sonograph.errors import Misconfigured, Unavailable

FILE = "secret.key"  # in the data folder
SETTING = "SONOGRAPH_SECRET_KEYS"
_BYTES = 32  # of a key
_URL_SAFE = str.maketrans("+/", "-_")  # openssl writes the other alphabet

_log = logging.getLogger(__name__)


class Seal:
    """Encrypts with the first key, and opens what any of them has encrypted."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Raises `Unavailable` for what another key has encrypted."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Unavailable(f"A secret was encrypted with a key that is not in {SETTING}.") from None

    def again(self, sealed: bytes) -> bytes:
        """The same secret, encrypted with the first key."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise Unavailable(f"A secret was encrypted with a key that is not in {SETTING}.") from None


def load_seal(given: str | None, data_dir: Path) -> Seal:
    """With the keys of the setting (with commas, the newest first), else with the one in the data folder.

    The first start makes that one. Processes on several machines need the setting. Raises `Misconfigured`.
    """
    if given is not None:
        return Seal(_checked(tuple(part.strip().translate(_URL_SAFE) for part in given.split(",")), SETTING))
    path = data_dir / FILE
    try:
        return Seal(_checked((_read_or_make(path),), str(path)))
    except OSError as error:
        raise Misconfigured(f"{path} can neither be read nor made: {error.strerror}; or set {SETTING}") from None


def _checked(keys: tuple[str, ...], where: str) -> tuple[str, ...]:
    for key in keys:
        try:
            long_enough = len(urlsafe_b64decode(key.encode("ascii"))) == _BYTES
        except (Error, UnicodeEncodeError):
            long_enough = False
        if not long_enough:
            raise Misconfigured(f"{where}: a key is {_BYTES} bytes in base64 (`openssl rand -base64 32`)")
    return keys


def _read_or_make(path: Path) -> str:
    """Of several processes that start together one makes the file, whole at once; the others read it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
            _log.info("a key for the secrets of webhooks was made: %s belongs into backups", path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
