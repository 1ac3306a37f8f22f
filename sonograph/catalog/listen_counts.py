"""How often something was listened to, as ListenBrainz counts it."""

from typing import Literal

from msgspec import Struct

Counted = Literal["recording", "artist", "release group"]
MAX_COUNT = 2**31 - 1


class ListenCount(Struct, frozen=True, gc=False, tag="count"):
    """So many listens of what MusicBrainz knows by this id."""

    kind: Counted
    mbid: str
    listens: int
