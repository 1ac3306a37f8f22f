"""Lines of our JSONL that are fingerprints; all others are the catalog's."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import asyncpg
import msgspec

from sonograph.catalog.records import FingerprintRecord, Link
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import Outcome, Prepared, write_prepared
from sonograph.errors import Invalid
from sonograph.recognition.acoustid import decompress
from sonograph.recognition.importers.store import references_named, tracks_linked, tracks_named
from sonograph.recognition.references import Reference, seconds_of
from sonograph.recognition.store import remove_references, write_references

KIND = "fingerprint"
_decode = msgspec.json.Decoder(FingerprintRecord).decode


async def write_jsonl(connection: asyncpg.Connection, records: Sequence[Prepared]) -> Outcome:
    """Write a batch inside of the caller's transaction: the catalog's records, then fingerprints of its tracks."""
    places = [number for number, one in enumerate(records) if one.type != KIND]
    outcome = await write_prepared(connection, OriginId.JSONL, [records[place] for place in places])
    outcome.problems = [replace(problem, index=places[problem.index]) for problem in outcome.problems]
    said: list[tuple[int, FingerprintRecord]] = []
    for place, prepared in enumerate(records):
        if prepared.type == KIND:
            if prepared.problem:
                outcome.reject(place, KIND, *prepared.problem)
            else:
                said.append((place, _decode(prepared.encoded)))
    if said:
        await _write(connection, said, outcome)
    return outcome


async def _write(
    connection: asyncpg.Connection, said: Sequence[tuple[int, FingerprintRecord]], outcome: Outcome
) -> None:
    await _remove(connection, [one.id for _, one in said if one.removed], outcome)
    written = {one.id: (place, one) for place, one in said if not one.removed}
    for place, one in said:
        if not one.removed and written[one.id][0] != place:
            outcome.count(KIND, "unchanged")  # said again further down
    track_of = await _tracks(connection, [one for _, one in written.values()])
    references = []
    for place, one in written.values():
        track = track_of(one)
        if track is None:
            outcome.reject(place, KIND, "unknown track", one.track if isinstance(one.track, str) else repr(one.track))
            continue
        try:
            references.append(_reference(one, track))
        except Invalid as error:
            outcome.reject(place, KIND, "not a fingerprint", error.message)
    told = await write_references(connection, references)
    for verdict, number in (("created", told.added), ("updated", told.changed), ("unchanged", told.unchanged)):
        if number:
            outcome.verdicts[KIND, verdict] += number  # type: ignore[index]  # mypy widens the literals
    if told.added:
        outcome.rows["audio_reference"] += told.added


def _reference(record: FingerprintRecord, track: int) -> Reference:
    items = decompress(record.chromaprint) if record.chromaprint is not None else None
    seconds = record.seconds
    if seconds is None:
        if items is None:
            raise Invalid("landmarks alone do not tell how long they are: say seconds", "seconds")
        seconds = seconds_of(items)
    return Reference(
        track_id=track,
        origin=OriginId.JSONL,
        external_id=record.id,
        seconds=seconds,
        items=items,
        landmarks=record.landmarks,
    )


async def _remove(connection: asyncpg.Connection, ids: Sequence[str], outcome: Outcome) -> None:
    if ids:
        known = await references_named(connection, OriginId.JSONL, ids)
        removed = await remove_references(connection, list(known.values()))
        outcome.verdicts[KIND, "updated"] += removed
        outcome.verdicts[KIND, "unchanged"] += len(ids) - removed


async def _tracks(
    connection: asyncpg.Connection, records: Iterable[FingerprintRecord]
) -> Callable[[FingerprintRecord], int | None]:
    """The track that a record names, None for one that nobody knows."""
    names = [one.track for one in records]
    named = await tracks_named(connection, OriginId.JSONL, [name for name in names if isinstance(name, str)])
    linked = await tracks_linked(connection, [name for name in names if isinstance(name, Link)])

    def track(record: FingerprintRecord) -> int | None:
        name = record.track
        return named.get(name) if isinstance(name, str) else linked.get(name) if name else None

    return track
