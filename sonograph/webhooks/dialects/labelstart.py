"""Labelst.art's deliveries: nothing is signed, a token stands in the body."""

from collections.abc import Sequence

from sonograph.webhooks import stable_json
from sonograph.webhooks.dialects.dialect import Dialect, Fact, Message
from sonograph.webhooks.dialects.standard import standard_headers


def sign(message: Message, secrets: Sequence[str], at: int) -> dict[str, str]:
    """The standard headers: receivers that know them need not rely on the token alone."""
    return standard_headers(message, secrets, at)


def write(fact: Fact, secret: str) -> bytes:
    """Type and data as they are public, with the token that was in force when the body was written."""
    return stable_json.dumps({"token": secret, "type": fact.type, "request": {"data": fact.data}})


DIALECT = Dialect("labelstart", sign, write, timeout=10.0, rotation="staged")
