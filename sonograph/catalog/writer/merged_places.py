"""Where tracks stand on releases and editions, where some of either were merged."""

from collections.abc import Iterable

from msgspec import Struct

from sonograph.catalog.writer.merged import Cells

Place = tuple[int, int | None, int | None]  # the release, edition or track, disc, number


class ReleaseBody(Struct, frozen=True, array_like=True):
    """A release as its source gave it: artist, label and tracks by the rows that they have there."""

    release: Cells
    places: list[Place]  # of tracks
    editions: list[int]
    redirects: list[int]


def least_places(places: Iterable[Place]) -> list[Place]:
    """Each release, edition or track once, with the first place it has; places without numbers come last."""
    found: dict[int, tuple[tuple[bool, int, bool, int], Place]] = {}
    for place in places:
        row, disc, number = place
        order = (disc is None, disc or 0, number is None, number or 0)
        if row not in found or order < found[row][0]:
            found[row] = order, place
    return [place for _, place in found.values()]
