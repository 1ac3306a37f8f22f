"""Our two lanes, called as the GraphQL endpoint calls them: text and variables in, body out."""

from typing import Any, Self

from benchmarks.reads.contender import APPLICATION
from schema.build import build
from schema.projection.lanes import answer
from schema.projection.plans import Plans
from sonograph.postgres.pool import Pool

# The members of a track in /v1.
TRACK = """
fragment Track on Track {
  databaseId title
  artists { artistDatabaseId artistName isPrimary isRemixer }
  releases { databaseId title artist { databaseId name } label { databaseId name } releaseDate }
  isrc duration genre subgenre bpm keyAlphanumeric keyMusical keyOpen
  keys { source keyAlphanumeric keyMusical keyOpen }
}"""
BY_ISRC = "query ($isrc: String!) { track(by: {isrc: $isrc}) { ...Track } }" + TRACK
BY_GENRE = (
    "query ($genre: Int!, $first: Int!) "
    "{ browseTracks(genreId: $genre, first: $first) { nodes { ...Track } nextCursor } }" + TRACK
)


class Lane:
    """One lane of the projection."""

    def __init__(self, name: str, *, compiled: bool) -> None:
        self.name = name
        self._plans = Plans(build(), compiled_reads=compiled)

    @property
    def sent(self) -> int:
        return self._pool.sent

    async def open(self, dsn: str, size: int) -> Self:
        application = APPLICATION.format(self.name)
        self._pool = await Pool(
            dsn, "catalog", size=size, statement_timeout_ms=10_000, application_name=application
        ).open()
        return self

    async def close(self) -> None:
        await self._pool.close()

    async def track(self, isrc: str) -> bytes:
        return await self._answer(BY_ISRC, {"isrc": isrc})

    async def tracks(self, genre_id: int, first: int) -> bytes:
        return await self._answer(BY_GENRE, {"genre": genre_id, "first": first})

    async def _answer(self, text: str, variables: dict[str, Any]) -> bytes:
        return await answer(self._plans.get(text), self._pool.value, variables)
