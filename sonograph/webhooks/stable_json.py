"""JSON that equals its own `JSON.stringify(JSON.parse(text))`, byte for byte.

One vendor's example signs what it has parsed and written again, so a body must survive that: compact UTF-8, numbers as
ECMAScript writes them (`Number::toString`, ECMA-262 6.1.6.1.20), names that look like array indices first and in order
(OrdinaryOwnPropertyKeys, 10.1.11.1), nothing escaped that need not be.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import orjson

SAFE = 2**53 - 1  # the largest whole number that JavaScript reads as it is written
_INDICES = 2**32 - 1  # names from 0 up to below this are indices
_DIGITS, _SMALLEST = 21, -6  # powers of ten between which no exponent is written


def dumps(value: Any) -> bytes:
    """The text of plain values; raises ValueError for numbers that JavaScript would change."""
    return orjson.dumps(_stable(value))


def _stable(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        if abs(value) > SAFE:
            raise ValueError(f"{value} is changed by JavaScript: send it as text")
        return value
    if isinstance(value, float):
        return orjson.Fragment(_number(value).encode())
    if isinstance(value, Mapping):
        return {name: _stable(value[name]) for name in _ordered(value)}
    if isinstance(value, list | tuple):
        return [_stable(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _ordered(names: Mapping[str, Any]) -> list[str]:
    indices = [name for name in names if _is_index(name)]
    if not indices:
        return list(names)
    return sorted(indices, key=int) + [name for name in names if not _is_index(name)]


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdecimal() and (name == "0" or name[0] != "0") and int(name) < _INDICES


def _number(value: float) -> str:
    """The shortest digits that read as the same number, which Python finds as well, where JavaScript puts the point."""
    if not isfinite(value):
        raise ValueError("not a number that JSON has")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    part = "" if part == "0" else part
    digits = (whole + part).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + part) - len(digits))  # digits before the point
    digits = digits.rstrip("0")
    if len(digits) <= point <= _DIGITS:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= _DIGITS:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if _SMALLEST < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = point - 1
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if power > 0 else '-'}{abs(power)}"
