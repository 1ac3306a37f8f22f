"""Sonzai's deliveries: HMAC-SHA256 of time and body, keyed by the text behind `whsec_` as it is, not decoded.

All signatures in force stand in one header. `Authorization` is what the receiver registered; the engine adds it, as it
does custom headers.
"""

import hmac
from collections.abc import Sequence

from sonograph.webhooks import backoff
from sonograph.webhooks.dialects import sonovault
from sonograph.webhooks.dialects.dialect import Dialect, Message
from sonograph.webhooks.dialects.standard import standard_headers


def sign(message: Message, secrets: Sequence[str], at: int) -> dict[str, str]:
    """A signature with each secret, the newest first."""
    text = b"%d.%b" % (at, message.body)
    keys = [secret.partition("_")[2].encode() for secret in secrets]
    signatures = ",".join(f"v1={hmac.digest(key, text, 'sha256').hex()}" for key in keys)
    return {"Sonzai-Signature": f"t={at},{signatures}", **standard_headers(message, secrets, at)}


DIALECT = Dialect("sonzai", sign, sonovault.write, timeout=10.0, rotation="both", waits=backoff.FOUR)
