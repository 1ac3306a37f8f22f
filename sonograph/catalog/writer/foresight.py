"""Keys of the tracks in a record, worked out before it is known which artists of the database it speaks of."""

from collections.abc import Iterator

from msgspec import Struct

from sonograph.catalog.records import Credit, ReleaseRecord, TrackRecord
from sonograph.catalog.writer.track_keys import Foreseen, worked_out
from sonograph.catalog.writer.tracks import ROLES, Billing, searched_names


def foresee(record: Struct) -> tuple[Foreseen, ...]:
    """Keys of all tracks that the record describes and whose artists it names."""
    return tuple(_foreseen(record))


def _foreseen(record: Struct) -> Iterator[Foreseen]:
    if isinstance(record, TrackRecord):
        tracks = [record]
    elif isinstance(record, ReleaseRecord):
        places = (*record.tracks, *(place for edition in record.editions for place in edition.tracks))
        tracks = [place.track for place in places if isinstance(place.track, TrackRecord)]
    else:
        return
    for track in tracks:
        credited = dict[tuple[str, str], Credit]()
        for credit in track.artists:
            credited.setdefault((credit.artist.id, credit.role), credit)
        billings = [
            Billing(
                credit.artist.name,
                credit.credited_as if credit.credited_as != credit.artist.name else None,
                ROLES[credit.role],
                credit.join_phrase,
            )
            for credit in credited.values()
            if credit.artist.name
        ]
        if len(billings) == len(credited):
            names = tuple(searched_names(billings))
            yield Foreseen(names, track.title, worked_out(names, track.title))
