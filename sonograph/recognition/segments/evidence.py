"""How few differing bits are no chance."""

from math import sqrt

SPREAD = 1.0
LIMIT = 0.3


def evidence(ber: float, items: int) -> float:
    return (0.5 - ber) * sqrt(items)


def ber_limit(items: int) -> float:
    return 0.5 if items < 0 else LIMIT
