"""How well a row of a search fits what was asked for."""

from typing import Generic, TypeVar

import strawberry

from schema.projection.mapping import Connection, Edge, column, expr, row
from schema.types.shared import describe
from sonograph.catalog.search import MatchTier

T = TypeVar("T")

describe(
    MatchTier,
    "What the search had to see through, the best match first.",
    {
        "EXACT": "Artist and title are those asked for, with the version that was named.",
        "RECORDING": "The same recording at another length: without a radio edit or extended mix that was named.",
        "SONG": "The song, not in the version that was named: versions that are alike first, then the song in none.",
        "SPLIT": "Artist and title stood in one field.",
        "SIMILAR": "Artist and title but for typing errors, missing spaces or an end cut off.",
        "SWAPPED": "Artist and title in each other's place.",
        "WORDS": "All words are there, wherever they stand.",
        "SWAPPED_SIMILAR": "In each other's place, with typing errors.",
    },
)


@row("", beside={"_tier": "int", "_score": "int"})
class Match:
    """How well a row fits what was asked for."""

    tier: MatchTier = column(
        "_tier", description="What the search had to see through. A better tier comes first, whatever the score."
    )
    score: float = expr(
        "round(1 / (1 + this._score / 30.0), 3)",
        description="1 for what differs in nothing else, less for what is further away; "
        "scores compare within a tier only.",
    )


@strawberry.type(description="A row of a search with its cursor and how well it fits.")
class MatchEdge(Edge[T], Generic[T]):
    match: Match = strawberry.field(description="How well it fits.")


@strawberry.type(description="A page of a list.")
class MatchConnection(Connection[T], Generic[T]):
    edges: list[MatchEdge[T]] = strawberry.field(  # type: ignore[assignment]  # nobody writes into it
        description="The rows of this page: cursor, fit, and the row."
    )
