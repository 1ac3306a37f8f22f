"""Genres."""

from typing import Annotated, Optional

import strawberry

from schema.projection.mapping import Node, column, expr, find, one, row
from schema.types.shared import DATABASE_ID, GenreType, stored
from sonograph.catalog import browse
from sonograph.postgres.found import Found


@row("genre")
class Genre(Node):
    """A canonical genre: one of a few main ones, or a subgenre of one of them."""

    database_id: int = column("id", description=DATABASE_ID)
    name: str = stored("Canonical name.")
    type: GenreType = expr(
        "case when this.parent_id is null then 1 else 2 end", description="Whether this is a main genre or a subgenre."
    )
    parent: Optional["Genre"] = one("this.id = parent.parent_id", description="The main genre of a subgenre.")
    parent_name: str | None = expr(
        "select g.name from genre g where g.id = this.parent_id", description="Name of the main genre of a subgenre."
    )

    @find(list[Annotated["Genre", strawberry.lazy("schema.types.genre")]])
    def subgenres() -> Found:
        """The subgenres of a main genre."""
        return browse.subgenres()
