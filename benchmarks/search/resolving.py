"""Bulk resolve of 100 lines, with codes and links in the answer: by name in several kinds of mess, and by ISRC."""

import json
from collections.abc import Sequence
from random import Random

import asyncpg
import typer

from benchmarks.figures import percentile
from benchmarks.search import documents
from benchmarks.search.clock import Clock, Timed, report
from benchmarks.search.documents import Ask
from benchmarks.search.mess import MESS, Known
from benchmarks.search.targets import Target

LINES = 100
GOAL = 10.0  # ms of the database's CPU that 99 of 100 requests stay below
# By ISRC two tracks may share a code, the older of which is meant.
_CODES = """
select distinct on (i.track_id) i.code, (select min(s.track_id) from isrc s where s.code = i.code) as track_id
from isrc i where i.track_id = any($1::int[]) order by i.track_id, i.code
"""


async def resolving(
    clock: Clock, connection: asyncpg.Connection, known: Sequence[Known], random: Random, limit: float
) -> list[Target]:
    """Typing errors are reported, and have no goal: each of these lines goes through all tiers."""
    groups, found = dict[str, list[Timed]](), dict[str, str]()
    for kind in ("clean", "word order", "swapped", "both typo"):
        asked = [dict(zip(("artist", "title"), MESS[kind](each, random), strict=True)) for each in known]
        groups[kind], right = await _ask(clock, kind, documents.RESOLVE, asked, [each.same for each in known])
        found[kind] = f"{right:.3f}"
    codes = await connection.fetch(_CODES, [each.track_id for each in known])
    groups["ISRC"], right = await _ask(
        clock, "ISRC", documents.RESOLVE_ISRC, [row["code"] for row in codes], [{row["track_id"]} for row in codes]
    )
    found["ISRC"] = f"{right:.3f}"
    text, _ = report(groups, limit, found=found)
    typer.echo(f"\nBulk resolve of {LINES} lines, with codes and links in the answer\n\n{text}")
    return [
        Target(f"bulk resolve of {LINES} {of}, CPU p99, ms", percentile([t.cpu for t in groups[kind]], 0.99), GOAL)
        for kind, of in (("clean", "names"), ("ISRC", "ISRCs"))
    ]


async def _ask(
    clock: Clock, kind: str, document: str, asked: Sequence[object], wanted: Sequence[frozenset[int] | set[int]]
) -> tuple[list[Timed], float]:
    """Times, and the share of lines that were answered as they should be."""
    timed, right = list[Timed](), 0
    for start in range(0, len(asked) - LINES + 1, LINES):
        figures, body = await clock.time(kind, Ask(document, {"items": asked[start : start + LINES]}))
        timed.append(figures)
        rows = json.loads(body)["data"]["resolveTracks"]
        right += sum(
            (row["track"] or {}).get("databaseId") in same
            for row, same in zip(rows, wanted[start : start + LINES], strict=True)
        )
    return timed, right / (len(timed) * LINES)
