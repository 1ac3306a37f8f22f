"""The account behind a key, and what it used."""

from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from schema.projection.mapping import Connection
from schema.resolvers import accounts
from schema.types.api_key import ApiKey
from schema.types.billing import InvoicePreview, StreamEntitlement
from schema.types.context import Info, resolved, services_of, viewer_of
from schema.types.paging import Page, number_after, page_of
from schema.types.shared import INTERNAL_ID, After, First
from sonograph import clock
from sonograph.accounts import account, audit, entitlements, keyring, usage
from sonograph.accounts.plans import PlanTable
from sonograph.ids import global_id


@strawberry.type(description="Credits of the current month, in UTC.")
class Credits:
    used: int = strawberry.field(
        description="Spent or reserved; after a change to a smaller plan it may pass the limit."
    )
    limit: int = strawberry.field(description="What the plan grants a month.")
    remaining: int = strawberry.field(description="What is left of it.")
    resets_at: datetime = strawberry.field(description="When the next month begins.")

    @classmethod
    def of(cls, balance: usage.Balance) -> "Credits":
        return cls(used=balance.used, limit=balance.limit, remaining=balance.remaining, resets_at=balance.resets_at)


@strawberry.type(description="A line of what happened to the account.")
class AuditEntry:
    id: strawberry.ID = strawberry.field(description="Global id, opaque.")
    at: datetime = strawberry.field(description="When it happened.")
    action: str = strawberry.field(description="What happened, for example `key.created`.")
    address: str | None = strawberry.field(description="Where from; null for what an operator did.")
    detail: JSON = strawberry.field(description="What it was about.")

    @classmethod
    def of(cls, entry: audit.Entry) -> "AuditEntry":
        return cls(
            id=strawberry.ID(global_id("AuditEntry", entry.id)),
            at=entry.at,
            action=entry.action,
            address=None if entry.address is None else str(entry.address),
            detail=JSON(dict(entry.detail)),
        )


@strawberry.type(description="What one key asked of one endpoint on one day, in UTC.")
class UsageDay:
    day: date = strawberry.field(description="The day.")
    key: ApiKey | None = strawberry.field(description="The key; null where it ended long ago.")
    endpoint: str = strawberry.field(description="The route of /v1, or the GraphQL root field.")
    requests: int = strawberry.field(description="Requests, those included that were refused.")
    refused: int = strawberry.field(description="Of these, refused because a limit was reached.")
    credits: int = strawberry.field(description="What they cost.")


@strawberry.type(description="An account.")
class Account:
    id: strawberry.ID = strawberry.field(description="Global id, opaque.")
    database_id: int = strawberry.field(description=INTERNAL_ID)
    email: str = strawberry.field(description="Where mail goes, and the name to sign in with.")
    email_verified: bool = strawberry.field(description="Whether the address is known to be the owner's.")
    name: str = strawberry.field(description="Of the person or company, empty when none is given.")
    plan: str = strawberry.field(
        description="The plan in force: `free`, `starter`, `growth`, `scale` or the operator's."
    )
    stored_plan: str = strawberry.field(
        description="The plan that the account was given: another than `plan` where the operator took that one out."
    )
    reviewer: bool = strawberry.field(description="Whether the account may review suggestions.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @resolved("Credits of the current month.")
    async def credits(self, info: Info) -> Credits:
        return Credits.of(await accounts.balance_of(services_of(info), viewer_of(info)))

    @resolved("Sign-ins and changes to keys, plan and account, newest first.", graphql_type=Connection[AuditEntry])
    async def audit(self, info: Info, first: First = 20, after: After = None) -> Any:
        services, viewer = services_of(info), viewer_of(info)
        entries = await accounts.audit_of(services, viewer, first, number_after("audit", first, after))
        shown = entries[:first]
        return page_of(
            "audit",
            [AuditEntry.of(entry) for entry in shown],
            [entry.id for entry in shown],
            more=len(entries) > first,
            after=after,
            total_count=lambda: account.audit_count(services.engine.accounts, viewer.account_id),
        )

    @resolved("How many radio streams it may watch.")
    async def streams(self, info: Info) -> StreamEntitlement:
        pool, number = services_of(info).engine.accounts, viewer_of(info).account_id
        allowed = await entitlements.allowed_streams(pool, number, clock.now())
        return StreamEntitlement(allowed=allowed, kept=await entitlements.kept_streams(pool, number))

    @resolved("Its invoice of the current month as it stands.")
    async def invoice(self, info: Info) -> InvoicePreview:
        pool = services_of(info).engine.accounts
        return InvoicePreview.of(await entitlements.preview(pool, viewer_of(info).account_id, clock.now()))

    @classmethod
    def of(cls, found: account.Account, plans: PlanTable) -> "Account":
        return cls(
            id=strawberry.ID(global_id("Account", found.id)),
            database_id=found.id,
            email=found.email,
            email_verified=found.email_verified_at is not None,
            name=found.name,
            plan=plans.of(found.plan).name,
            stored_plan=found.plan,
            reviewer=found.reviewer,
            created_at=found.created_at,
        )


def key_page(keys: list[keyring.Key], first: int, after: str | None) -> Page:
    """A page of an account's keys, newest first."""
    behind = number_after("keys", first, after)
    left = [key for key in keys if behind is None or key.id < behind]
    return page_of(
        "keys",
        [ApiKey.of(key) for key in left[:first]],
        [key.id for key in left[:first]],
        more=len(left) > first,
        after=after,
        total_count=lambda: len(keys),
    )


def usage_days(rows: list[usage.UsageDay], keys: list[keyring.Key]) -> list[UsageDay]:
    """Usage with the keys in their places."""
    by_number = {key.id: ApiKey.of(key) for key in keys}
    return [
        UsageDay(
            day=row.day,
            key=by_number.get(row.key_id),
            endpoint=row.endpoint,
            requests=row.requests,
            refused=row.refused,
            credits=row.credits,
        )
        for row in rows
    ]
