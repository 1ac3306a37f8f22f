"""Stripe's side: a customer for an account, one subscription with as many of the price as it has streams.

Stripe sends invoices by mail, prorates what is added, and tells us of changes by a webhook. Whatever a message says,
the subscription is then read from Stripe, so that the order of messages does not matter, nor one that comes twice.
"""

from typing import Any

import asyncpg

from sonograph import clock
from sonograph.accounts.entitlements import allowed_streams
from sonograph.accounts.stripe_billing.books import Subscription, note_invoice, note_subscription, subscription_of
from sonograph.errors import Invalid, Misconfigured, NotFound, Unavailable

DAYS_UNTIL_DUE = 14
TIMEOUT_SECONDS = 20.0
RETRIES = 2  # by the package, with idempotency keys of its own


class StripeBilling:
    """The driver. `base` is another address than Stripe's, in tests."""

    def __init__(self, pool: asyncpg.Pool, key: str, price: str, secret: str, base: str | None = None) -> None:
        try:
            import stripe  # noqa: PLC0415  # the extra
        except ImportError:
            raise Misconfigured("SONOGRAPH_STRIPE_KEY: needs the package `stripe`: pip install stripe httpx") from None
        self._pool, self._price, self._secret = pool, price, secret
        self._errors: Any = stripe
        self._http: Any = stripe.HTTPXClient(timeout=TIMEOUT_SECONDS)
        self._client = stripe.StripeClient(
            key, http_client=self._http, max_network_retries=RETRIES, base_addresses={"api": base} if base else {}
        )

    async def close(self) -> None:
        await self._http.close_async()

    async def set_streams(self, account_id: int, streams: int) -> None:
        """As `Billing` says; raises `Unavailable` when Stripe does not answer."""
        try:
            await self._set_streams(account_id, streams)
        except self._errors.StripeError as error:
            raise Unavailable("The billing service did not take the change.") from error

    async def end(self, account_id: int) -> None:
        """As `Billing` says: the subscription ends now. Raises `Unavailable` when Stripe does not answer."""
        known = await subscription_of(self._pool, account_id)
        if known is None:
            return
        try:
            await self._client.v1.subscriptions.cancel_async(known)
        except self._errors.InvalidRequestError:
            return  # it ended before, or was deleted at Stripe
        except self._errors.StripeError as error:
            raise Unavailable("The billing service did not end the subscription; nothing was deleted.") from error

    async def hear(self, body: bytes, signature: str | None) -> None:
        """A message to the webhook; raises `Invalid` when it is not Stripe's."""
        try:
            event = self._client.construct_event(body, signature, self._secret)
        except (ValueError, self._errors.SignatureVerificationError) as error:
            raise Invalid("The signature does not fit the message") from error
        subject = event.data.object
        try:
            if event.type.startswith("customer.subscription."):
                await self._note(await self._client.v1.subscriptions.retrieve_async(subject["id"]))
            elif event.type == "invoice.paid":
                await note_invoice(self._pool, subject.to_dict(), clock.now())
        except self._errors.StripeError as error:
            raise Unavailable("The billing service did not answer.") from error

    async def _set_streams(self, account_id: int, streams: int) -> None:
        customer = await self._customer(account_id)
        known = await subscription_of(self._pool, account_id)
        subscriptions = self._client.v1.subscriptions
        if known is None:
            if streams:
                await self._note(
                    await subscriptions.create_async(
                        {
                            "customer": customer,
                            "items": [{"price": self._price, "quantity": streams}],
                            "collection_method": "send_invoice",
                            "days_until_due": DAYS_UNTIL_DUE,
                            "proration_behavior": "create_prorations",
                        }
                    )
                )
            return
        current = await subscriptions.retrieve_async(known)
        if not streams:
            await self._note(await subscriptions.update_async(known, {"cancel_at_period_end": True}))
            return
        # What was cancelled is paid until the period's end: only what is more than that is prorated.
        item = current["items"]["data"][0]
        paid = await allowed_streams(self._pool, account_id, clock.now())
        at_no_charge = min(streams, max(paid, item["quantity"]))
        for quantity, behaviour in ((at_no_charge, "none"), (streams, "create_prorations")):
            if quantity != item["quantity"] or current["cancel_at_period_end"]:
                current = await subscriptions.update_async(
                    known,
                    {
                        "items": [{"id": item["id"], "quantity": quantity}],
                        "proration_behavior": behaviour,
                        "cancel_at_period_end": False,
                    },
                )
                item = current["items"]["data"][0]
                await self._note(current)

    async def _customer(self, account_id: int) -> str:
        account = await self._pool.fetchrow("select email, stripe_customer from account where id = $1", account_id)
        if account is None:
            raise NotFound("There is no such account.")
        if account["stripe_customer"] is not None:
            return str(account["stripe_customer"])
        made = await self._client.v1.customers.create_async(
            {"email": account["email"], "metadata": {"account": str(account_id)}},
            {"idempotency_key": f"sonograph-account-{account_id}"},
        )
        await self._pool.execute("update account set stripe_customer = $2 where id = $1", account_id, made.id)
        return str(made.id)

    async def _note(self, subscription: Any) -> None:
        item = subscription["items"]["data"][0]
        await note_subscription(
            self._pool,
            Subscription(
                id=subscription["id"],
                customer=str(subscription["customer"]),
                status=subscription["status"],
                quantity=item["quantity"],
                period_end=item["current_period_end"],
                cancelled=bool(subscription["cancel_at_period_end"]),
                price_cents=item["price"]["unit_amount"],
            ),
            clock.now(),
        )
