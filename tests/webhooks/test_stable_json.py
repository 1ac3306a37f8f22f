"""Bodies survive being read and written again by JavaScript, byte for byte."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonograph.webhooks.stable_json import SAFE, dumps
from tests.webhooks.node import Node

NUMBERS = [0.0, -0.0, 1.0, 123.0, 0.1, 1e-6, 1e-7, 1.5e-7, 123e-20, 5e-324, 1e16, 1e20, 1e21, 1.5e21, 2.0**70, 1 / 3]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3) | st.integers(0, 20).map(str), inner)
    ),
    max_leaves=15,
)


def _read(text: bytes | str) -> Any:
    """As JavaScript does, which has one kind of numbers."""
    return json.loads(text, parse_int=float)


@pytest.mark.parametrize("number", [*NUMBERS, *(-number for number in NUMBERS)])
def test_numbers(ask_node: Node, number: float) -> None:
    body = dumps([number])
    assert ask_node("again", body) == body.decode()
    assert json.loads(body) == [number]


@pytest.mark.parametrize(
    "text", ["\u2028\u2029\u0085", "\x00\x1f\x7f", '"\\/', "é日本🎵", "\u200e\u05d0", "<script>", "__proto__", "\ufeff"]
)
def test_texts(ask_node: Node, text: str) -> None:
    body = dumps({text: text})
    assert ask_node("again", body) == body.decode()


def test_names_that_are_indices_come_first_as_in_javascript(ask_node: Node) -> None:
    body = dumps({"b": 1, "10": 2, "2": 3, "02": 4, "4294967295": 5, "4294967294": 6})
    assert body == b'{"2":3,"10":2,"4294967294":6,"b":1,"02":4,"4294967295":5}'
    assert ask_node("again", body) == body.decode()


@settings(max_examples=150, deadline=None)
@given(value=PLAIN)
def test_anything(ask_node: Node, value: Any) -> None:
    body = dumps(value)
    assert ask_node("again", body) == body.decode()
    assert _read(body) == _read(json.dumps(value))


@pytest.mark.parametrize("number", [SAFE + 1, -SAFE - 1, float("nan"), float("inf")])
def test_what_javascript_would_change_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match=r"JavaScript|JSON"):
        dumps({"number": number})
