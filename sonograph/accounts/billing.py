"""Who bills streams: by default an operator, who grants them by hand; Stripe where its key is set."""

from typing import Protocol

import asyncpg

from sonograph.accounts.stripe_billing.driver import StripeBilling
from sonograph.errors import Forbidden, Misconfigured
from sonograph.settings import Settings


class Billing(Protocol):
    """Changes how many streams an account pays for."""

    async def set_streams(self, account_id: int, streams: int) -> None:
        """Have so many streams from now on, or, where they are fewer, from the period's end on."""

    async def end(self, account_id: int) -> None:
        """Bill nothing any more: the account is about to be deleted."""

    async def close(self) -> None:
        """Let connections go."""


class ByHand:
    """Nobody can buy: `sonograph accounts grant-streams` is how streams are had."""

    async def set_streams(self, account_id: int, streams: int) -> None:  # noqa: ARG002  # the interface
        raise Forbidden("Streams are granted by whoever runs this service; ask them")

    async def end(self, account_id: int) -> None:
        """Nothing is billed."""

    async def close(self) -> None:
        """Nothing is held."""


def check_billing(settings: Settings) -> None:
    """Whether the settings of Stripe are complete or all unset; raises `Misconfigured`."""
    others = ("stripe_webhook_secret", "stripe_price")
    if not settings.stripe_key:
        given = [name for name in others if getattr(settings, name)]
        if given:
            raise Misconfigured(f"SONOGRAPH_{given[0].upper()}: is of no use where SONOGRAPH_STRIPE_KEY is not set")
        return
    for name in others:
        if not getattr(settings, name):
            raise Misconfigured(f"SONOGRAPH_{name.upper()}: is needed where SONOGRAPH_STRIPE_KEY is set")


def open_billing(settings: Settings, pool: asyncpg.Pool) -> ByHand | StripeBilling:
    """The driver of the settings."""
    if not settings.stripe_key:
        return ByHand()
    check_billing(settings)
    return StripeBilling(pool, settings.stripe_key, str(settings.stripe_price), str(settings.stripe_webhook_secret))
