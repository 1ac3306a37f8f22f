"""Usage as the pages draw it: bars of a month's days, and totals by endpoint. All text is outside of the drawing."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sonograph.accounts.usage import UsageDay

HEIGHT: Final = 100.0  # of the drawing, in its own units: it is stretched to the room there is
BAR: Final = 10.0  # from one bar to the next
GAP: Final = 2.0
MONTHS_BACK: Final = 12  # usage is kept for 400 days


@dataclass(frozen=True, slots=True)
class Amount:
    """Requests, those of them that a limit refused, and credits."""

    requests: int = 0
    refused: int = 0
    credits: int = 0

    @property
    def answered(self) -> int:
        return self.requests - self.refused

    def plus(self, day: UsageDay) -> "Amount":
        return Amount(self.requests + day.requests, self.refused + day.refused, self.credits + day.credits)


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: the answered requests from the ground up, the refused ones on top of them. y runs downwards."""

    day: date
    amount: Amount
    x: float
    answered_height: float
    refused_height: float

    @property
    def answered_y(self) -> float:
        return HEIGHT - self.answered_height

    @property
    def refused_y(self) -> float:
        return HEIGHT - self.answered_height - self.refused_height


@dataclass(frozen=True, slots=True)
class Chart:
    """All that a template needs to draw the days; `top` is the value at the upper edge."""

    bars: Sequence[Bar]
    top: int
    width: float

    height: float = HEIGHT
    bar_width: float = BAR - GAP


def chart(days: Iterable[date], usage: Iterable[UsageDay]) -> Chart:
    amounts = dict.fromkeys(days, Amount())
    for row in usage:
        if row.day in amounts:
            amounts[row.day] = amounts[row.day].plus(row)
    top = ceiling(max((amount.requests for amount in amounts.values()), default=0))
    bars = [
        Bar(
            day=day,
            amount=amount,
            x=index * BAR + GAP / 2,
            answered_height=round(HEIGHT * amount.answered / top, 2),
            refused_height=round(HEIGHT * amount.refused / top, 2),
        )
        for index, (day, amount) in enumerate(amounts.items())
    ]
    return Chart(bars, top, width=len(bars) * BAR)


def by_endpoint(usage: Iterable[UsageDay]) -> list[tuple[str, Amount]]:
    """Totals by endpoint, most requests first."""
    totals: defaultdict[str, Amount] = defaultdict(Amount)
    for row in usage:
        totals[row.endpoint] = totals[row.endpoint].plus(row)
    return sorted(totals.items(), key=lambda item: (-item[1].requests, item[0]))


def by_key(usage: Iterable[UsageDay]) -> list[tuple[int, Amount]]:
    """Totals by key, most requests first."""
    return [
        (int(name), amount) for name, amount in by_endpoint(replace(row, endpoint=str(row.key_id)) for row in usage)
    ]


def total(usage: Iterable[UsageDay]) -> Amount:
    amount = Amount()
    for row in usage:
        amount = amount.plus(row)
    return amount


def ceiling(value: int) -> int:
    """The next number of the form 1, 2 or 5 times a power of ten, so that the axis has a round end; at least 10."""
    power = 10
    while True:
        for factor in (1, 2, 5):
            if factor * power >= value:
                return factor * power
        power *= 10


def days_of(month: date) -> list[date]:
    return [month + timedelta(days=number) for number in range(monthrange(month.year, month.month)[1])]


def months(today: date) -> list[date]:
    """First days of the months that can be asked for, this one first."""
    found = [today.replace(day=1)]
    while len(found) <= MONTHS_BACK:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
