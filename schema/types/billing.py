"""Streams that an account pays for, and its invoice."""

from datetime import datetime

import strawberry

from sonograph.accounts import entitlements


@strawberry.type(description="How many radio streams the account may watch.")
class StreamEntitlement:
    allowed: int = strawberry.field(description="Streams that may be watched now.")
    kept: int = strawberry.field(description="Of these, streams that go on with the next month.")


@strawberry.type(description="A charge, or a credit note where it is negative.")
class InvoiceLine:
    at: datetime = strawberry.field(description="When it was charged.")
    period_from: datetime = strawberry.field(description="What it is for: the beginning.")
    period_until: datetime = strawberry.field(description="What it is for: the end.")
    quantity: int = strawberry.field(description="How many.")
    amount_cents: int = strawberry.field(description="Cents of a euro, without taxes.")
    description: str = strawberry.field(description="What it is for, in words.")


@strawberry.type(description="The invoice of the current month as it stands.")
class InvoicePreview:
    period_from: datetime = strawberry.field(description="Beginning of the month, in UTC.")
    period_until: datetime = strawberry.field(description="End of the month.")
    lines: list[InvoiceLine] = strawberry.field(description="Charges and credit notes, oldest first.")
    total_cents: int = strawberry.field(description="Their sum, in cents of a euro, without taxes.")
    next_cents: int = strawberry.field(description="What the next month will begin with.")

    @classmethod
    def of(cls, preview: entitlements.Preview) -> "InvoicePreview":
        return cls(
            period_from=preview.period_from,
            period_until=preview.period_until,
            lines=[
                InvoiceLine(
                    at=line.at,
                    period_from=line.period_from,
                    period_until=line.period_until,
                    quantity=line.quantity,
                    amount_cents=line.amount_cents,
                    description=line.description,
                )
                for line in preview.lines
            ],
            total_cents=preview.total_cents,
            next_cents=preview.next_cents,
        )
