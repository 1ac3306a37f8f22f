"""What `sonograph doctor` says of optional parts: one line each, with what stands in where a setting is unset.

Nothing is sent and nobody is charged: a store of limits is pinged, a mail server is signed in to.
"""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.util import find_spec

from api.client_address import Proxies
from api.persisted import load_persisted
from schema.build import build
from schema.projection.plans import Plans
from sonograph.accounts.billing import check_billing
from sonograph.accounts.burst import open_burst
from sonograph.accounts.limits_storage import open_storage
from sonograph.accounts.plans import load_plans
from sonograph.errors import Misconfigured
from sonograph.mail.outbox import check_sender
from sonograph.mail.transport import Smtp
from sonograph.settings import Settings

MAIL_SECONDS = 5.0  # for each step of a conversation with the mail server
STRIPE_PACKAGES = ("stripe", "httpx")  # the extra `stripe`

Look = Callable[[Settings], Awaitable[str]]


async def limits(settings: Settings) -> str:
    if settings.limits_url in (None, "", "memory://"):
        return "SONOGRAPH_LIMITS_URL is not set: each process counts for itself"
    await open_burst(settings.limits_url).close()
    async with open_storage(settings.limits_url) as storage:
        if storage is None or not await storage.check():
            raise Misconfigured("SONOGRAPH_LIMITS_URL: the store does not answer")
    return "the store of limits answers"


async def plans(settings: Settings) -> str:
    names = ", ".join(load_plans(settings.plans_file))
    if settings.plans_file is None:
        return f"SONOGRAPH_PLANS_FILE is not set: the built-in ones ({names})"
    return f"{settings.plans_file}: {names}"


async def mail(settings: Settings) -> str:
    check_sender(settings.mail_from)
    if not settings.smtp_url:
        return f"SONOGRAPH_SMTP_URL is not set: mail is logged and kept in {settings.data_dir.absolute() / 'mail'}"
    smtp = Smtp.of(settings.smtp_url)
    await asyncio.to_thread(smtp.greet, MAIL_SECONDS)
    how = "TLS" if smtp.tls else "STARTTLS" if smtp.starttls else "not encrypted"
    return f"{smtp.host}, port {smtp.port} ({how}) {'lets us in' if smtp.user else 'takes mail without a sign-in'}"


async def operations(settings: Settings) -> str:
    read = Plans(build(), size=settings.plan_cache_size)
    known = load_persisted(settings.persisted_operations, read, only=settings.persisted_only)
    if settings.persisted_operations is None:
        return "SONOGRAPH_PERSISTED_OPERATIONS is not set: clients may send any operation, and register it"
    only = ", no other is served" if settings.persisted_only else ""
    return f"{len(known)} in {settings.persisted_operations} fit the schema{only}"


async def billing(settings: Settings) -> str:
    check_billing(settings)
    if not settings.stripe_key:
        return "SONOGRAPH_STRIPE_KEY is not set: operators grant streams by hand"
    missing = [name for name in STRIPE_PACKAGES if find_spec(name) is None]
    if missing:
        raise Misconfigured(f"SONOGRAPH_STRIPE_KEY: needs packages that are missing: {', '.join(missing)}")
    return "Stripe's settings are complete; Stripe was not asked"


async def proxies(settings: Settings) -> str:
    trusted = Proxies(settings.trusted_proxies).trusted
    if not trusted:
        return "SONOGRAPH_TRUSTED_PROXIES is not set: who connects is the client"
    return f"X-Forwarded-For is believed from {', '.join(map(str, trusted))}"


LOOKS: tuple[tuple[str, Look], ...] = (
    ("limits", limits),
    ("plans", plans),
    ("mail", mail),
    ("persisted operations", operations),
    ("billing", billing),
    ("proxies", proxies),
)
