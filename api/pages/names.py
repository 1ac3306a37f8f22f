"""What numbers of the catalog are called, read as any client would: by GraphQL."""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from api.pages.visit import Visit
from schema.projection.lanes import answer
from schema.projection.plans import Plans
from sonograph.ids import global_id

NAMES: Final = """
query Names($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Track { title artists { artist { name } } }
    ... on Genre { name }
  }
}
"""
Names = dict[tuple[str, int], str]


async def names_of(visit: Visit, references: Iterable[tuple[str, int]], *, test: bool) -> Names:
    """Names of ("Track", id) and ("Genre", id), at most 100; what is gone is left out, what was merged is led on."""
    wanted = sorted(set(references))
    if not wanted:
        return {}
    plans: Plans = visit.request.app.state.plans
    plan = plans.get(NAMES)
    body = await answer(plan, visit.engine.catalog(test=test).value, {"ids": [global_id(*one) for one in wanted]})
    nodes = orjson.loads(body)["data"]["nodes"]
    return {one: _name(node) for one, node in zip(wanted, nodes, strict=True) if node}


def _name(node: dict[str, Any]) -> str:
    if "name" in node:
        return str(node["name"])
    artists = ", ".join(credit["artist"]["name"] for credit in node["artists"])
    return f"{node['title']} — {artists}" if artists else str(node["title"])
