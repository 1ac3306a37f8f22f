"""What is asked: three reads, each with many arguments in turn, so that no row stays in the nearest cache."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from benchmarks.database import connected
from benchmarks.reads.contender import Contender


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of read with its arguments."""

    name: str
    arguments: Sequence[dict[str, Any]]
    ask: Callable[[Contender, dict[str, Any]], Awaitable[bytes]]
    requests: int  # in a round: long enough for the kernel's clock, short enough to take turns

    def turns(self) -> "cycle[dict[str, Any]]":
        return cycle(self.arguments)


def path(arguments: dict[str, Any]) -> str:
    """The path of a request with these arguments to one of the small servers."""
    return f"/{'track' if 'isrc' in arguments else 'tracks'}?{urlencode(arguments)}"


async def ask(contender: Contender, arguments: dict[str, Any]) -> bytes:
    if "isrc" in arguments:
        return await contender.track(arguments["isrc"])
    return await contender.tracks(int(arguments["genre_id"]), int(arguments["first"]))


async def questions(dsn: str) -> list[Question]:
    """500 ISRCs from all over the catalog; every genre that fills a page of 100."""
    connection = await connected(dsn)
    try:
        isrcs = await connection.fetch("select code from isrc order by hashtext(code), code limit 500")
        genres = await connection.fetch(
            "select genre_id from track_genre group by genre_id having count(*) > 100 order by hashint4(genre_id)"
        )
    finally:
        await connection.close()
    pages = [{"genre_id": row["genre_id"]} for row in genres]
    return [
        Question("track by ISRC", [{"isrc": row["code"]} for row in isrcs], ask, 1000),
        Question("list of 20", [{**page, "first": 20} for page in pages], ask, 200),
        Question("list of 100", [{**page, "first": 100} for page in pages], ask, 60),
    ]
