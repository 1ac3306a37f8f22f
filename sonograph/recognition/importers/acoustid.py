"""AcoustID's files: fingerprints of recordings that the catalog has become references."""

from collections.abc import Sequence
from itertools import groupby

import asyncpg
import msgspec

from sonograph.catalog.records import (
    AcoustidFingerprint,
    AcoustidRecord,
    AcoustidRecording,
    AcoustidRedirect,
    AcoustidTrack,
)
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import Outcome, Prepared
from sonograph.errors import Invalid
from sonograph.recognition.acoustid import decompress
from sonograph.recognition.importers.store import (
    note_recordings,
    note_redirects,
    note_tracks,
    tracks_of_fingerprints,
)
from sonograph.recognition.references import Reference, from_bytes, seconds_of
from sonograph.recognition.store import write_references

KIND = "fingerprint"
_decode = msgspec.json.Decoder(AcoustidRecord).decode


async def write_acoustid(connection: asyncpg.Connection, records: Sequence[Prepared]) -> Outcome:
    """Write a batch inside of the caller's transaction, in the order of its lines."""
    outcome = Outcome()
    read = [(place, _decode(one.encoded)) for place, one in enumerate(records)]
    for kind, run in groupby(read, key=lambda pair: type(pair[1])):
        said = list(run)
        if kind is AcoustidFingerprint:
            await _write(connection, [(p, one) for p, one in said if isinstance(one, AcoustidFingerprint)], outcome)
        elif kind is AcoustidTrack:
            await note_tracks(connection, [one for _, one in said if isinstance(one, AcoustidTrack)])
        elif kind is AcoustidRecording:
            await note_recordings(connection, [one for _, one in said if isinstance(one, AcoustidRecording)])
        else:
            await note_redirects(connection, [one for _, one in said if isinstance(one, AcoustidRedirect)])
    noted = len(read) - sum(isinstance(one, AcoustidFingerprint) for _, one in read)
    if noted:
        outcome.notes["lines that say which recordings fingerprints are of"] += noted
    return outcome


async def _write(
    connection: asyncpg.Connection, said: Sequence[tuple[int, AcoustidFingerprint]], outcome: Outcome
) -> None:
    tracks = await tracks_of_fingerprints(connection, [one.id for _, one in said])
    references = []
    for place, one in said:
        track = tracks.get(one.id)
        if track is None:
            why = "of no recording in the catalog" if one.id in tracks else "of a track that no file read so far tells"
            outcome.notes[f"fingerprints left out: {why}"] += 1
            continue
        try:
            references.append(_reference(one, track))
        except Invalid as error:
            outcome.reject(place, KIND, "not a fingerprint", error.message)
    told = await write_references(connection, references)
    outcome.verdicts[KIND, "created"] += told.added
    outcome.verdicts[KIND, "updated"] += told.changed
    outcome.verdicts[KIND, "unchanged"] += told.unchanged
    if told.added:
        outcome.rows["audio_reference"] += told.added


def _reference(record: AcoustidFingerprint, track: int) -> Reference:
    items = decompress(record.text) if record.text is not None else from_bytes(record.items or b"")
    return Reference(
        track_id=track,
        origin=OriginId.ACOUSTID,
        external_id=str(record.id),
        seconds=min(record.length, seconds_of(items)),  # fingerprints end after two minutes
        items=items,
    )
