"""The reads that are measured, as clients ask them: GraphQL through the compiled lane."""

from dataclasses import dataclass
from typing import Any

from schema.build import build
from schema.projection.lanes import compiled
from schema.projection.plans import Plans
from sonograph.errors import SonographError
from sonograph.postgres.pool import Pool

TRACKS = """query ($artist: String!, $title: String!, $after: String) {
  searchTracks(artist: $artist, title: $title, after: $after) {
    nodes { databaseId title artistCredit } nextCursor } }"""
RESOLVE = """query ($items: [JSON]!) {
  resolveTracks(by: TRACK_NAME, items: $items) { status track { databaseId title artistCredit isrcs duration }
    links { source externalId } } }"""
RESOLVE_ISRC = RESOLVE.replace("TRACK_NAME", "ISRC")
ARTISTS = """query ($name: String!, $after: String) {
  searchArtists(name: $name, after: $after) { nodes { databaseId name } nextCursor } }"""
LABELS = """query ($name: String!, $after: String) {
  searchLabels(name: $name, after: $after) { nodes { databaseId name } nextCursor } }"""
RELEASES = """query ($title: String!, $artist: String, $after: String) {
  searchReleases(title: $title, artist: $artist, after: $after) { nodes { databaseId title } nextCursor } }"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One read with what it is asked for."""

    text: str
    variables: dict[str, Any]


class Reader:
    """Answers reads as the GraphQL endpoint does, and fails loudly where that would fail."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._plans = pool, Plans(build())

    async def answer(self, ask: Ask) -> bytes:
        plan = self._plans.get(ask.text)
        if plan.errors:
            raise SystemExit(f"{ask.text}: {plan.errors}")
        body = await compiled(plan, self._pool.value, ask.variables)
        if body is None:
            raise Refused(f"{ask.variables}")
        return body


class Refused(SonographError):
    """The operation is not answered by the compiled lane: an argument is refused."""

    code = "BAD_USER_INPUT"
