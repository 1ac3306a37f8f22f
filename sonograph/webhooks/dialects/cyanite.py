"""Cyanite's deliveries: HMAC-SHA512 of the body, which names what has changed and holds no result; 200 within 3 s."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from sonograph.webhooks import stable_json
from sonograph.webhooks.dialects.dialect import Dialect, Fact, Message
from sonograph.webhooks.dialects.standard import standard_headers

OK = 200


def sign(message: Message, secrets: Sequence[str], at: int) -> dict[str, str]:
    """One signature, with the first secret as it is shown."""
    return {
        "Signature": hmac.digest(secrets[0].encode(), message.body, "sha512").hex(),
        **standard_headers(message, secrets, at),
    }


def write(fact: Fact, _secret: str) -> bytes:
    """Its data alone: an event of the library is worded where it is made; others are told in the same form."""
    return stable_json.dumps(fact.data if "version" in fact.data else version_2(fact.type, fact.data))


def version_2(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Any event in the form of version 2."""
    return {"version": "2", "resource": data, "event": {"type": kind, "status": "finished"}}


DIALECT = Dialect("cyanite", sign, write, timeout=3.0, rotation="staged", accepts=lambda status: status == OK)
