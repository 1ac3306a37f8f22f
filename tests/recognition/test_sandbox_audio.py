"""The sandbox's songs: what is shipped is what the code plays, and no two songs sound alike."""

from collections.abc import AsyncIterator
from io import BytesIO

import asyncpg
import numpy as np
import pytest_asyncio

from sonograph.catalog.sandbox.load import load_sandbox
from sonograph.catalog.vocabulary import EntityKind
from sonograph.recognition.audio.decode import decode, opened
from sonograph.recognition.chromaprint import Items, fingerprint
from sonograph.recognition.landmarks.packing import unpack
from sonograph.recognition.references import from_bytes
from sonograph.recognition.sandbox.load import load_sandbox_references, shipped
from sonograph.recognition.sandbox.making import CLIP_OF, CLIP_START, clip, shipped_of
from sonograph.recognition.sandbox.tunes import BARS, SONGS, tunes
from sonograph.recognition.store import references_of

SECONDS_PER_ITEM = 1365 / 11025


def bit_errors(clip_items: Items, song: Items) -> list[float]:
    """At each place of the song."""
    windows = np.lib.stride_tricks.sliding_window_view(song, len(clip_items))
    return [float(share) for share in np.bitwise_count(windows ^ clip_items).mean(axis=1) / 32]


def test_three_dozen_songs_of_many_artists() -> None:
    songs = list(tunes())
    assert [song.track for song in songs] == [song.track for song in shipped().songs]
    assert len({song.track for song in songs}) == SONGS == 36
    assert len({song.track.split("/")[0] for song in songs}) >= 18
    for song in songs:
        assert 70 <= song.bpm <= 210
        assert len(song.bars) == len(set(song.bars)) == BARS


def test_what_is_shipped_is_what_is_played() -> None:
    made = shipped()
    for number, tune in enumerate(tunes()):
        if number % 12 == 5:
            now, then = shipped_of(tune), made.songs[number]
            items, kept = from_bytes(now.chromaprint), from_bytes(then.chromaprint)
            assert len(items) == len(kept)
            assert np.bitwise_count(items ^ kept).sum() <= 0.001 * 32 * len(kept)  # another FFT rounds otherwise
            peaks, known = unpack(now.landmarks), unpack(then.landmarks)
            assert len(known) > 600
            same = {*zip(peaks.time.tolist(), peaks.pitch.tolist(), strict=True)}
            assert len(same.intersection(zip(known.time.tolist(), known.pitch.tolist(), strict=True))) > 0.99 * len(
                known
            )


def test_no_song_is_like_another_and_no_moment_like_another() -> None:
    songs = [from_bytes(song.chromaprint) for song in shipped().songs]
    size = 60
    for number, song in enumerate(songs):
        for start in (0, 150, 300):
            window = song[start : start + size]
            for other, theirs in enumerate(songs):
                errors = bit_errors(window, theirs)
                if other == number:
                    assert errors.pop(start) == 0
                    errors = errors[: max(0, start - 4)] + errors[start + 4 :]
                assert min(errors) > 0.25


def test_the_clip_is_of_its_song() -> None:
    with opened(BytesIO(clip())) as audio:
        assert (audio.info.codec, audio.info.channels, audio.info.seconds) == ("pcm_s16le", 1, 10.0)
    (song,) = [from_bytes(song.chromaprint) for song in shipped().songs if song.track == CLIP_OF]
    errors = bit_errors(fingerprint(decode(BytesIO(clip()))), song)
    assert min(errors) < 0.1
    assert abs(errors.index(min(errors)) * SECONDS_PER_ITEM - CLIP_START) < 0.2


@pytest_asyncio.fixture
async def sandbox(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "sandbox"})
    try:
        yield connection
    finally:
        await connection.close()


async def test_references_lead_to_their_tracks_and_follow_the_sandbox(sandbox: asyncpg.Connection) -> None:
    songs = {song.track: song for song in shipped().songs}
    await load_sandbox(sandbox)
    assert await load_sandbox_references(sandbox)
    assert not await load_sandbox_references(sandbox)
    rows = await sandbox.fetch(
        "select r.id, r.external_id, s.external_id as track from audio_reference r "
        "join source_ref s on s.entity_id = r.track_id and s.kind = $1 where not r.gone",
        EntityKind.TRACK.value,
    )
    assert {row["external_id"]: row["track"] for row in rows} == {track: track for track in songs}
    for stored in await references_of(sandbox, [row["id"] for row in rows]):
        song = songs[stored.external_id]
        assert stored.items is not None
        assert (stored.items.tobytes(), stored.landmarks) == (song.chromaprint, song.landmarks)

    seen = await sandbox.fetchval("select max(changed_in) from audio_reference")
    await sandbox.execute("update import_run set digest = 'of an older version' where kind = 'sandbox'")
    assert await load_sandbox(sandbox)  # all is thrown away: an index must hear of it, and must not meet an id again
    assert await sandbox.fetchval("select bool_and(gone and changed_in > $1) from audio_reference", seen)
    assert await load_sandbox_references(sandbox)
    ids = await sandbox.fetch("select id from audio_reference where not gone order by id")
    assert {row["id"] for row in ids} == {row["id"] for row in rows}
