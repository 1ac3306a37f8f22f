"""Fill the sandbox's references from the file that is shipped: making them takes twenty seconds of CPU."""

from importlib.resources import files

import asyncpg
import msgspec

from sonograph import clock
from sonograph.catalog.sandbox import VERSION
from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.recognition.references import Reference, from_bytes
from sonograph.recognition.store import write_references

KIND = "sandbox audio"
NAME = "references.msgpack"


class Shipped(msgspec.Struct, frozen=True):
    """A song's fingerprints, as they stand in the database."""

    track: str  # id of the record in the sandbox
    seconds: float
    chromaprint: bytes
    landmarks: bytes


class Document(msgspec.Struct, frozen=True):
    version: str  # digest of the songs
    songs: tuple[Shipped, ...]


def shipped() -> Document:
    return msgspec.msgpack.decode(files(__package__).joinpath(NAME).read_bytes(), type=Document)


async def load_sandbox_references(connection: asyncpg.Connection) -> bool:
    """Bring the references of the connection's sandbox to what is shipped; whether there was something to do."""
    document = shipped()
    digest = f"{VERSION} {document.version}"
    current = "select exists (select from import_run where kind = $1 and digest = $2)"
    if await connection.fetchval(current, KIND, digest):
        return False
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('sonograph sandbox'))")
        rows = await connection.fetch(
            "select external_id, entity_id from source_ref where kind = $1 and origin_id = $2 "
            "and external_id = any($3::text[])",
            EntityKind.TRACK.value,
            OriginId.SANDBOX.value,
            [song.track for song in document.songs],
        )
        tracks = {row["external_id"]: row["entity_id"] for row in rows}
        await write_references(
            connection,
            [
                Reference(
                    track_id=tracks[song.track],
                    origin=OriginId.SANDBOX,
                    external_id=song.track,
                    seconds=song.seconds,
                    items=from_bytes(song.chromaprint),
                    landmarks=song.landmarks,
                )
                for song in document.songs
            ],
        )
        await connection.execute("delete from import_run where kind = $1", KIND)
        await connection.execute(
            "insert into import_run (kind, path, digest, position, counts, started_at, updated_at, finished_at) "
            "values ($1, '', $2, 0, '{}', $3, $3, $3)",
            KIND,
            digest,
            clock.now(),
        )
    return True
