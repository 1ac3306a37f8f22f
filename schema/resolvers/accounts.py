"""The account of whoever asks: what its owner may see, and what keys of a restricted scope may not."""

from datetime import date, timedelta

from schema.resolvers.services import Services
from sonograph import clock
from sonograph.accounts import audit, scopes, usage
from sonograph.accounts.networks import parse
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid

SCOPE = "account"
MAX_USAGE_DAYS = 92
MAX_USAGE_ROWS = 1_000  # days, keys and endpoints: each costs about 60 µs to answer
USUAL_DAYS = 30


def check_owner(viewer: Principal) -> None:
    """Whether the key may see and manage the account; raises `Forbidden`."""
    scopes.require(viewer.scopes, SCOPE)


async def balance_of(services: Services, viewer: Principal) -> usage.Balance:
    """The month's credits; those that this process holds to spend soon are not spent."""
    unspent = services.credits.unspent(viewer.account_id) if services.credits else 0
    return await usage.balance(services.engine.accounts, services.plans, viewer.account_id, unspent=unspent)


async def audit_of(services: Services, viewer: Principal, first: int, after: int | None) -> list[audit.Entry]:
    """`first` lines and one more, where there is one; newest first."""
    pool = services.engine.accounts
    entries = await audit.entries(pool, viewer.account_id, first, after)
    if len(entries) == first:
        entries += await audit.entries(pool, viewer.account_id, 1, entries[-1].id)
    return entries


async def usage_of(
    services: Services, viewer: Principal, since: date | None, until: date | None, key_id: int | None
) -> list[usage.UsageDay]:
    """Usage of whole days in UTC, both included; without dates the last 30 days."""
    until = until or clock.now().date()
    since = since or until - timedelta(days=USUAL_DAYS - 1)
    if since > until:
        raise Invalid("from: must not be after to", "from")
    if (until - since).days >= MAX_USAGE_DAYS:
        raise Invalid(f"from: at most {MAX_USAGE_DAYS} days before to", "from")
    rows = await usage.usage_days(services.engine.accounts, viewer.account_id, since, until)
    if key_id is not None:
        rows = [row for row in rows if row.key_id == key_id]
    if len(rows) > MAX_USAGE_ROWS:
        raise Invalid(f"from: more than {MAX_USAGE_ROWS} rows: ask for fewer days, or for one key", "from")
    return rows


def address_of(client: tuple[str, int] | None) -> audit.Address | None:
    """Where a request came from, for the audit log."""
    return parse(client[0]) if client else None
