"""Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).

Secrets are `whsec_` and base64 of a key for HMAC-SHA256 (`v1`), or `whsk_` and base64 of the 32 bytes of a private
Ed25519 key (`v1a`). All signatures in force stand in one header, so that receivers change over when they like.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sonograph.webhooks import stable_json
from sonograph.webhooks.dialects.dialect import Dialect, Fact, Message

SYMMETRIC, ASYMMETRIC, PUBLIC = "whsec_", "whsk_", "whpk_"


def standard_headers(message: Message, secrets: Sequence[str], at: int) -> dict[str, str]:
    """The headers of the specification; they ride along with every other dialect's."""
    text = b"%b.%d.%b" % (message.id.encode(), at, message.body)
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(secret, text) for secret in secrets),
    }


def public_key(secret: str) -> str:
    """What receivers verify the signatures of a `whsk_` secret with: `whpk_…`."""
    raw = Ed25519PrivateKey.from_private_bytes(_key(secret)).public_key().public_bytes_raw()
    return PUBLIC + b64encode(raw).decode()


def _signature(secret: str, text: bytes) -> str:
    if secret.startswith(ASYMMETRIC):
        return "v1a," + b64encode(Ed25519PrivateKey.from_private_bytes(_key(secret)).sign(text)).decode()
    return "v1," + b64encode(hmac.digest(_key(secret), text, "sha256")).decode()


def _key(secret: str) -> bytes:
    return b64decode(secret.partition("_")[2])


def write(fact: Fact, _secret: str) -> bytes:
    """The payload that the specification recommends."""
    return stable_json.dumps(
        {"type": fact.type, "timestamp": f"{fact.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "data": fact.data}
    )


DIALECT = Dialect("standard", standard_headers, write, timeout=15.0, rotation="both")
