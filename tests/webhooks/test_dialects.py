"""Each dialect is proven by verifiers that we did not write."""

import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sonovault.webhooks import verify_webhook_signature
from standardwebhooks import Webhook, WebhookVerificationError
from svix.webhooks import Webhook as SvixWebhook
from svix.webhooks import WebhookVerificationError as SvixVerificationError

from sonograph.webhooks.dialects import DIALECTS
from sonograph.webhooks.dialects.dialect import Fact, Message
from sonograph.webhooks.dialects.standard import PUBLIC, public_key
from tests.webhooks.node import Node

OLD, NEW = (f"whsec_{b64encode(bytes([number]) * 24).decode()}" for number in (7, 9))
PRIVATE = f"whsk_{b64encode(bytes(range(32))).decode()}"
FACT = Fact(
    "evt_000000000000017",
    "stream.play.started",
    datetime(2026, 6, 1, 12, 0, 0, 250_000, UTC),
    {"stream_id": "3", "track": {"title": 'Café "日本" \u2028🎵', "bpm": 123.0, "isrc": None, "score": 1e-7}},
)


def delivered(name: str, secrets: Sequence[str], at: int | None = None) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an attempt."""
    dialect = DIALECTS[name]
    message = Message(FACT.id, FACT.type, dialect.write(FACT, secrets[0]))
    return message.body, dialect.sign(message, secrets, int(time.time()) if at is None else at)


@pytest.mark.parametrize("name", DIALECTS)
def test_the_vendors_documented_verifier(ask_node: Node, name: str) -> None:
    body, headers = delivered(name, [NEW])
    assert ask_node(name, body, headers, NEW) is True
    if name != "labelstart":  # its token says nothing of the body
        assert ask_node(name, body.replace(b"evt", b"evt ").replace(b"stream", b"dream"), headers, NEW) is False
    assert ask_node(name, body, headers, OLD) is False


@pytest.mark.parametrize("name", DIALECTS)
def test_the_standard_headers_ride_along(name: str) -> None:
    body, headers = delivered(name, [NEW])
    Webhook(NEW).verify(body.decode(), headers)  # raises for anything else
    SvixWebhook(NEW).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(body.decode(), headers)
    with pytest.raises(SvixVerificationError):
        SvixWebhook(NEW).verify(body + b" ", headers)


@pytest.mark.parametrize("name", DIALECTS)
def test_bodies_are_as_javascript_writes_them(ask_node: Node, name: str) -> None:
    body, _ = delivered(name, [NEW])
    assert ask_node("again", body) == body.decode()
    assert rb"\u" not in body
    assert b"123.0" not in body


def test_the_vendors_client_verifies_sonovault() -> None:
    body, headers = delivered("sonovault", [NEW])
    assert headers["SonoVault-Event-Id"] == FACT.id
    assert headers["SonoVault-Event-Type"] == FACT.type
    assert verify_webhook_signature(NEW, headers["SonoVault-Signature"], body)
    assert not verify_webhook_signature(OLD, headers["SonoVault-Signature"], body)
    assert not verify_webhook_signature(NEW, headers["SonoVault-Signature"], body + b" ")
    _, late = delivered("sonovault", [NEW], at=1)
    assert not verify_webhook_signature(NEW, late["SonoVault-Signature"], body)
    event = orjson.loads(body)
    assert list(event) == ["id", "type", "created", "data"]
    assert event["created"] == int(FACT.created.timestamp())


def test_the_standard_payload() -> None:
    body, _ = delivered("standard", [NEW])
    assert orjson.loads(body) == {
        "type": FACT.type,
        "timestamp": "2026-06-01T12:00:00Z",
        "data": {"stream_id": "3", "track": FACT.data["track"]},
    }


@pytest.mark.parametrize("secrets", list(permutations([OLD, NEW])))
@pytest.mark.parametrize("name", ["standard", "sonzai"])
def test_while_a_secret_is_replaced_both_are_good(ask_node: Node, name: str, secrets: tuple[str, str]) -> None:
    assert DIALECTS[name].rotation == "both"
    body, headers = delivered(name, secrets)
    assert ask_node(name, body, headers, OLD)
    assert ask_node(name, body, headers, NEW)
    if name == "standard":
        Webhook(OLD).verify(body.decode(), headers)
        SvixWebhook(NEW).verify(body, headers)


def test_asymmetric_signatures() -> None:
    body, headers = delivered("standard", [PRIVATE])
    assert public_key(PRIVATE).startswith(PUBLIC)
    key = public_key(PRIVATE).removeprefix(PUBLIC)
    kind, _, signature = headers["webhook-signature"].partition(",")
    assert kind == "v1a"
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    Ed25519PublicKey.from_public_bytes(b64decode(key)).verify(b64decode(signature), text)


def test_what_counts_as_success_and_how_long_it_may_take() -> None:
    """As the table of the contract has it."""
    table = {
        name: (
            [status for status in (199, 200, 201, 204, 299, 300, 302, 400, 500) if one.accepts(status)],
            one.timeout,
            one.attempts,
        )
        for name, one in DIALECTS.items()
    }
    any_2xx = [200, 201, 204, 299]
    assert table == {
        "sonovault": (any_2xx, 10, 12),
        "standard": (any_2xx, 15, 12),
        "cyanite": ([200], 3, 12),
        "labelstart": (any_2xx, 10, 12),
        "sonzai": (any_2xx, 10, 4),
    }
