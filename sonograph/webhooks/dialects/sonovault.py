"""SonoVault's deliveries (the /v1 contract, "Deliveries"): HMAC-SHA256 of time and body with the secret as it is shown.

Its published verifiers keep the last `v1` of several, so that rotation is staged.
"""

import hmac
from collections.abc import Sequence

from sonograph.webhooks import stable_json
from sonograph.webhooks.dialects.dialect import Dialect, Fact, Message
from sonograph.webhooks.dialects.standard import standard_headers


def sign(message: Message, secrets: Sequence[str], at: int) -> dict[str, str]:
    """One signature, with the first secret."""
    signature = hmac.digest(secrets[0].encode(), b"%d.%b" % (at, message.body), "sha256").hex()
    return {
        "SonoVault-Signature": f"t={at},v1={signature}",
        "SonoVault-Event-Id": message.id,
        "SonoVault-Event-Type": message.type,
        **standard_headers(message, secrets, at),
    }


def write(fact: Fact, _secret: str) -> bytes:
    """The Event of the /v1 contract."""
    created = int(fact.created.timestamp())
    return stable_json.dumps({"id": fact.id, "type": fact.type, "created": created, "data": fact.data})


DIALECT = Dialect("sonovault", sign, write, timeout=10.0, rotation="staged")
