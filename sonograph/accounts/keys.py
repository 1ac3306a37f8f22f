"""API keys: made, recognised and hashed here; what is kept is the SHA-256, never the text.

`svk_live_` or `svk_test_`, 30 base62 characters of randomness (178 bits), 6 base62 characters of their CRC-32: a typo
is refused without the database, and scanners of leaked secrets can tell a real key from a look-alike.
"""

import secrets
import string
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

LIVE, TEST = "svk_live_", "svk_test_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 30
CHECK_LENGTH = 6
LENGTH = len(LIVE) + RANDOM_LENGTH + CHECK_LENGTH


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key in the only moment at which its text is known."""

    text: str
    hash: bytes
    hint: str
    test: bool


def generate(*, test: bool) -> NewKey:
    prefix = TEST if test else LIVE
    body = prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    text = body + checksum(body)
    return NewKey(text, hash_of(text), f"{prefix}…{text[-4:]}", test)


def checksum(body: str) -> str:
    """CRC-32 of prefix and random part in base62, most significant first."""
    number, digits = crc32(body.encode()), ""
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def is_well_formed(text: str) -> bool:
    """Whether the text can be a key at all: length, prefix, alphabet, checksum."""
    return (
        len(text) == LENGTH
        and text.startswith((LIVE, TEST))
        and text.isascii()
        and text[-CHECK_LENGTH:] == checksum(text[:-CHECK_LENGTH])
    )


def hash_of(text: str) -> bytes:
    return sha256(text.encode()).digest()
