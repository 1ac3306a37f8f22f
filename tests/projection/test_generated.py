"""The same comparison for operations of the hypothesis-graphql package, with arguments made to mean something."""

import os
from base64 import b64encode
from dataclasses import replace
from typing import Any, cast

from graphql import GraphQLObjectType, Visitor, parse, print_ast, visit
from graphql.language import (
    ArgumentNode,
    BooleanValueNode,
    IntValueNode,
    NullValueNode,
    ObjectFieldNode,
    StringValueNode,
    ValueNode,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from schema.build import build
from tests.projection.operations import ACCOUNTS
from tests.projection.test_differential import Comparison, comparison, drawn

__all__ = ["comparison"]  # a fixture, used by name

OPERATIONS = int(os.environ.get("SONOGRAPH_TEST_OPERATIONS", "750")) // 5
SCALARS = {"Date": st.sampled_from(["2000-01-01", "2020-01-15", "0987-03-04"]).map(nodes.String)}
SDL = str(build()).replace("directive @oneOf on INPUT_OBJECT", "")  # it knows that one by itself
TRACK = b64encode(b"Track:1").decode()
ROOTS = tuple(
    name
    for name in cast("GraphQLObjectType", build()._schema.query_type).fields
    if name not in ACCOUNTS and not name.startswith(("search", "browse", "resolve"))
)


class Sense(Visitor):
    """Page sizes in range, no random cursors, numbers and codes that exist."""

    @staticmethod
    def enter_argument(node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        values: dict[str, ValueNode] = {
            "first": IntValueNode(value="3"),
            "after": NullValueNode(),
            "id": StringValueNode(value=TRACK),
            "code": StringValueNode(value="T0000000001"),
            "databaseId": IntValueNode(value="2"),
            "edition": IntValueNode(value="1"),
            "randomize": BooleanValueNode(value=False),
        }
        value = values.get(node.name.value)
        return None if value is None else replace(node, value=value)

    @staticmethod
    def enter_object_field(node: ObjectFieldNode, *_: Any) -> ObjectFieldNode | None:
        name = node.name.value
        if name == "databaseId":
            return replace(node, value=IntValueNode(value="1"))
        return replace(node, value=StringValueNode(value={"isrc": "GBAYE0000003", "id": TRACK}.get(name, "Q1")))


@settings(drawn, max_examples=OPERATIONS)
@given(text=queries(SDL, fields=ROOTS, custom_scalars=SCALARS))
async def test_generated_operations_agree(comparison: Comparison, text: str) -> None:
    text = print_ast(visit(parse(text), Sense()))
    if not comparison.plans.get(text).errors:  # it cannot always know about conflicting aliases
        await comparison.compare(text, {}, oracle=True)
