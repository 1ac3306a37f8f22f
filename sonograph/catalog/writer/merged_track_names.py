"""The names by which tracks of several sources are found."""

from collections.abc import Iterable, Mapping
from itertools import chain

import asyncpg

from sonograph.catalog.names import MAX_SEARCH_TEXT, match_keys, search_text, search_words, title_key
from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.merged import Cluster, stands
from sonograph.catalog.writer.merged_names import own_names
from sonograph.catalog.writer.merged_track_bodies import TrackBody, TrackMember
from sonograph.catalog.writer.tracks import Billing, searched_names


class Names:
    """The names of the artists of members, as they are called now and as their sources call them."""

    def __init__(self, now: Mapping[int, int], names: Mapping[int, str], own: Mapping[tuple[int, int], str]) -> None:
        self._now = now
        self._names = names
        self._own = own

    @classmethod
    async def of(cls, connection: asyncpg.Connection, members: Iterable[TrackMember]) -> "Names":
        own = {credit["artist_id"] for member in members for credit in member.body.credits}
        now = await stands(connection, EntityKind.ARTIST, own)
        rows = [*({*own} - now.keys()), *now.values()]
        names = dict(await connection.fetch("select id, name from artist where id = any($1)", rows))
        return cls(now, names, await own_names(connection, rows))

    def artist(self, own: int) -> int:
        return self._now.get(own, own)

    def searched(self, member: TrackMember) -> list[str]:
        billings = []
        for credit in member.body.credits:
            row = self.artist(credit["artist_id"])
            own = self._own.get((row, member.source))
            billings.append(
                Billing(self._names[row], credit["credited_as"], credit["role"], credit["join_phrase"], own)
            )
        return searched_names(billings)

    def keys(self, member: TrackMember) -> set[int]:
        """Match keys of the member: it is found as its source spells it."""
        return match_keys(self.searched(member), member.body.track["title"])

    def text(self, cluster: Cluster[TrackBody]) -> str:
        """The words of all members that the title key of the leader does not have, the leader's first."""
        title = cluster[0].body.track["title"]
        if len(cluster) == 1:
            return search_text(self.searched(cluster[0]), title)
        known = set(title_key(title).split())
        words = chain.from_iterable(search_words(self.searched(m), m.body.track["title"]) for m in cluster)
        length, taken = -1, []
        for word in dict.fromkeys(word for word in words if word not in known):
            length += 1 + len(word)
            if length > MAX_SEARCH_TEXT:
                break
            taken.append(word)
        return " ".join(taken)
