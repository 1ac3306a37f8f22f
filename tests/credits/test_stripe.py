"""The Stripe driver against answers as Stripe documents them, and its webhook with real signatures."""

import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from api.billing import routes
from sonograph.accounts import directory
from sonograph.accounts.billing import ByHand, open_billing
from sonograph.accounts.entitlements import allowed_streams, preview
from sonograph.accounts.stripe_billing.driver import StripeBilling
from sonograph.errors import Forbidden, Invalid, Misconfigured, Unavailable
from sonograph.settings import Settings
from tests.credits import stripe_server
from tests.credits.conftest import Make
from tests.credits.stripe_server import PERIOD_END, Stripe

pytestmark = [
    pytest.mark.database,
    # Stripe's package hands httpx its bodies under a name that httpx wants changed.
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]
SECRET = "whsec_test"


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    with stripe_server.running() as running:
        yield running


@pytest.fixture
async def billing(stripe: Stripe, pool: asyncpg.Pool) -> AsyncIterator[StripeBilling]:
    await pool.execute("update account set stripe_customer = null")
    await pool.execute("delete from entitlement where external_id is not null")
    driver = StripeBilling(pool, "sk_test_1", "price_1", SECRET, base=stripe.url)
    yield driver
    await driver.close()


def signed(event: dict[str, Any], secret: str = SECRET, at: float | None = None) -> tuple[bytes, str]:
    body, moment = json.dumps(event).encode(), int(time.time() if at is None else at)
    code = hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
    return body, f"t={moment},v1={code}"


def event(kind: str, subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "type": kind,
        "data": {"object": subject},
    }


def now() -> datetime:
    return datetime.now(UTC)


async def test_streams_bought_raised_lowered_and_taken_back(
    billing: StripeBilling, stripe: Stripe, pool: asyncpg.Pool, account: Make
) -> None:
    me = (await account("growth")).account_id
    await billing.set_streams(me, 3)
    assert await allowed_streams(pool, me, now()) == 3
    assert stripe.asked[0][2]["metadata[account]"] == str(me)
    assert stripe.asked[1][2]["items[0][price]"] == "price_1"
    await billing.set_streams(me, 1)
    assert stripe.asked[-1][2]["proration_behavior"] == "none"
    assert await allowed_streams(pool, me, now()) == 3, "paid until the period's end"
    stripe.asked.clear()
    await billing.set_streams(me, 5)
    raises = [given for method, _, given in stripe.asked if method == "POST"]
    assert [(g["items[0][quantity]"], g["proration_behavior"]) for g in raises] == [
        ("3", "none"),
        ("5", "create_prorations"),
    ]
    assert await allowed_streams(pool, me, now()) == 5
    await billing.set_streams(me, 0)
    assert await allowed_streams(pool, me, now()) == 5
    assert await allowed_streams(pool, me, datetime.fromtimestamp(PERIOD_END, UTC)) == 0
    assert (await preview(pool, me, now())).next_cents == 0


async def test_a_deleted_account_is_billed_no_more(
    billing: StripeBilling, stripe: Stripe, pool: asyncpg.Pool, account: Make
) -> None:
    me = (await account("growth")).account_id
    email = await pool.fetchval("select email from account where id = $1", me)
    await billing.end(me)  # nothing is billed yet
    await billing.set_streams(me, 2)
    stripe.down = True
    with pytest.raises(Unavailable, match="nothing was deleted"):
        await directory.delete(pool, billing, email)
    assert await pool.fetchval("select count(*) from account where id = $1", me) == 1
    stripe.down = False
    await directory.delete(pool, billing, email)
    assert stripe.subscription["status"] == "canceled"
    assert stripe.asked[-1][:2] == ("DELETE", "/v1/subscriptions/sub_1")
    assert await pool.fetchval("select count(*) from account where id = $1", me) == 0


async def test_the_webhook_takes_what_stripe_signed(
    billing: StripeBilling, stripe: Stripe, pool: asyncpg.Pool, account: Make
) -> None:
    me = (await account("growth")).account_id
    await billing.set_streams(me, 2)
    stripe.subscription["items"]["data"][0]["quantity"] = 4
    for _ in range(2):  # a message that comes twice changes nothing the second time
        await billing.hear(*signed(event("customer.subscription.updated", stripe.subscription)))
    assert await allowed_streams(pool, me, now()) == 4
    line = {
        "id": f"il_{me}",
        "object": "line_item",
        "amount": 5800,
        "quantity": 2,
        "description": "2 x Stream",
        "period": {"start": int(time.time()), "end": PERIOD_END},
    }
    invoice = {"id": "in_1", "object": "invoice", "customer": "cus_1", "lines": {"object": "list", "data": [line]}}
    for _ in range(2):
        await billing.hear(*signed(event("invoice.paid", invoice)))
    assert (await preview(pool, me, now())).total_cents == 5800
    stripe.subscription["status"] = "canceled"
    await billing.hear(*signed(event("customer.subscription.deleted", stripe.subscription)))
    assert await allowed_streams(pool, me, now()) == 0
    await billing.hear(*signed(event("customer.created", {"id": "cus_9", "object": "customer"})))


async def test_what_is_not_signed_is_refused(billing: StripeBilling) -> None:
    message = event("customer.subscription.updated", {"id": "sub_1", "object": "subscription"})
    body, signature = signed(message)
    for wrong in (None, "", "t=1,v1=2", signed(message, "whsec_other")[1], signed(message, at=time.time() - 3600)[1]):
        with pytest.raises(Invalid):
            await billing.hear(body, wrong)
    with pytest.raises(Invalid):
        await billing.hear(body + b" ", signature)


async def test_stripe_that_does_not_answer_changes_nothing(
    billing: StripeBilling, stripe: Stripe, pool: asyncpg.Pool, account: Make
) -> None:
    me = (await account("growth")).account_id
    stripe.down = True
    with pytest.raises(Unavailable):
        await billing.set_streams(me, 1)
    assert await allowed_streams(pool, me, now()) == 0


async def test_by_default_an_operator_grants(pool: asyncpg.Pool, account: Make) -> None:
    billing = open_billing(Settings(), pool)
    assert isinstance(billing, ByHand)
    with pytest.raises(Forbidden):
        await billing.set_streams((await account()).account_id, 1)
    with pytest.raises(Misconfigured, match="SONOGRAPH_STRIPE_WEBHOOK_SECRET"):
        open_billing(Settings(stripe_key="sk_test_1"), pool)


async def test_the_route_answers_what_stripe_acts_on(billing: StripeBilling, stripe: Stripe) -> None:
    app = Starlette(routes=routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://billing") as client:
        body, signature = signed(event("customer.subscription.updated", {"id": "sub_9", "object": "subscription"}))
        for driver, header, status in (
            (ByHand(), signature, 404),
            (billing, "t=1,v1=2", 400),
            (billing, signature, 503),
        ):
            app.state.billing = driver
            answer = await client.post("/billing/stripe", content=body, headers={"stripe-signature": header})
            assert answer.status_code == status
        body, signature = signed(event("customer.created", {"id": "cus_9", "object": "customer"}))
        answer = await client.post("/billing/stripe", content=body, headers={"stripe-signature": signature})
        assert answer.status_code == 204
        assert (await client.post("/billing/stripe", content=b"x" * 600_000)).status_code == 413
    assert ("GET", "/v1/subscriptions/sub_9", {}) in stripe.asked
