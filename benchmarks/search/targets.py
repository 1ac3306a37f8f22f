"""What searches must reach at five million tracks, and whether they do."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from benchmarks.figures import table

# Indexes that nothing but searches by name use; the others are for lists, codes, links and the writer.
SEARCH_INDEXES = (
    "match_key_key", "track_artist_title", "track_text", "artist_key_key", "artist_key_text", "artist_typo_hash",
    "label_key_key", "label_key_text", "label_typo_hash", "release_title", "release_title_end", "release_text",
)  # fmt: skip
_SIZES = """
select coalesce(sum(pg_relation_size(oid)) filter (where relkind = 'r'), 0)::float8 as tables,
  coalesce(sum(pg_relation_size(oid)) filter (where relname = any($1::text[])), 0)::float8 as searches,
  count(*) filter (where relname = any($1::text[])) as known
from pg_class where relnamespace = 'catalog'::regnamespace and relkind in ('r', 'i')
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure with its goal: not to be exceeded, or at least to be reached."""

    name: str
    measured: float
    goal: float
    at_least: bool = False
    digits: int = 2

    @property
    def met(self) -> bool:
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal


def verdicts(targets: Sequence[Target]) -> str:
    """All targets as a table."""
    return table(
        ["target", "goal", "measured", "verdict"],
        [
            [
                target.name,
                f"{'>=' if target.at_least else '<='} {target.goal:,g}",
                f"{target.measured:,.{target.digits}f}",
                "met" if target.met else "MISSED",
            ]
            for target in targets
        ],
    )


async def room(connection: asyncpg.Connection, tracks: int) -> list[Target]:
    """Bytes of the tables and of the indexes that searches use."""
    row = await connection.fetchrow(_SIZES, SEARCH_INDEXES)
    if row["known"] != len(SEARCH_INDEXES):
        raise SystemExit(f"an index of searches is missing or has another name: {SEARCH_INDEXES}")
    size = (row["tables"] + row["searches"]) / tracks
    return [Target("bytes a track, tables and indexes of searches", size, 1200, digits=0)]
