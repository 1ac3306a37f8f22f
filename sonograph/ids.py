"""Identifiers as clients see them: opaque global ids (Relay) and the entity kinds behind them."""

import binascii
from base64 import b64decode, b64encode

MAX_INT = 2**31 - 1  # PostgreSQL's integer: larger numbers are no rows, not errors


def global_id(kind: str, number: int) -> str:
    """The opaque id of a row: base64 of `Kind:number`."""
    return b64encode(f"{kind}:{number}".encode()).decode()


def parse_global_id(text: str) -> tuple[str, int] | None:
    """(kind, number), or None for anything that is no global id: an unknown one is null to the client, not an error."""
    try:
        kind, number = b64decode(text, validate=True).decode().split(":")
    except (binascii.Error, ValueError):
        return None
    if not number.isascii() or not number.isdecimal() or len(number) > len(str(MAX_INT)) or int(number) > MAX_INT:
        return None
    return kind, int(number)
