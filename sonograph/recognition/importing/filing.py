"""One file into the catalog: its track found or made, its reference written, what was heard of it kept."""

from collections import Counter
from dataclasses import dataclass, field

import asyncpg
import numpy as np

from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer.audio_facts import restore_heard
from sonograph.catalog.writer.writer import write_batch
from sonograph.clock import Clock
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.importing import store
from sonograph.recognition.importing.likeness import Likeness
from sonograph.recognition.importing.matching import Matched, match
from sonograph.recognition.importing.records import album_of, name_of_sound, records_of
from sonograph.recognition.importing.sound import LONGEST, Sound
from sonograph.recognition.importing.walk import AudioFile
from sonograph.recognition.references import Reference
from sonograph.recognition.store import write_references

FULL = 0.9  # share of the longer one that the shorter one must be, to be no other cut of it


@dataclass(slots=True)
class Filed:
    """What became of a file."""

    records: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    remarks: list[tuple[str, str]] = field(default_factory=list)  # (reason, message): for a person to look at
    written: tuple[int, Items] | None = None  # a reference that is new


def path_text(file: AudioFile) -> str:
    """The path as the database can hold it: names need not be UTF-8."""
    return str(file.path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "")


class Filing:
    """Files sounds inside the caller's transactions."""

    def __init__(self, connection: asyncpg.Connection, likeness: Likeness, clock: Clock) -> None:
        self._connection = connection
        self._likeness = likeness
        self._clock = clock

    async def file(self, file: AudioFile, sound: Sound) -> Filed:
        done = Filed()
        items = np.frombuffer(sound.items, "<u4")
        name = name_of_sound(sound)
        path = path_text(file)
        same = await store.reference_named(self._connection, name)
        matched = await match(self._connection, sound.tags, sound.duration)
        for by in matched.doubted:
            done.remarks.append(
                (
                    "code of a recording of another length",
                    f"{by} leads to a track that is not {sound.duration:.0f} s long",
                )
            )
        if sound.seconds >= LONGEST - 1:
            done.remarks.append(("longer than three hours", "only the first three hours are a reference"))
        again = same is not None and await store.imported(self._connection, path)
        if same and not again:
            track, reference = same.track, None
            await self._say_same(done, same, matched, sound, "exactly")
        else:
            track, reference = await self._place(done, sound, name, items, matched, again=again)
        if reference:
            done.written = reference, items
        await self._keep(file, path, sound, track, reference or (same.reference if same else None))
        return done

    async def _place(  # noqa: PLR0913  # what was found out so far
        self, done: Filed, sound: Sound, name: str, items: Items, matched: Matched, *, again: bool
    ) -> tuple[int, int | None]:
        """(track, reference that was written or None)."""
        alike = [] if again else self._likeness.like(items)
        known = await store.references(self._connection, [one.reference for one in alike])
        like = next((known[one.reference] for one in alike if one.reference in known), None)
        own = await store.own_track(self._connection, name)
        track = matched.track
        if track is not None and track != own:
            done.notes[f"matched by {matched.by}"] += 1
        if like and track is None:
            await self._say_same(done, like, matched, sound, "nearly")
            return like.track, None
        if like and track == like.track and FULL * sound.seconds <= like.seconds <= sound.seconds / FULL:
            done.notes["another file of a sound that is a reference already"] += 1
            return like.track, None
        if like and track != like.track:
            await self._say_same(done, like, matched, sound, "nearly")
        if track is None or track == own:
            track = await self._made(done, sound, name)
        written = await write_references(
            self._connection,
            [
                Reference(
                    track_id=track, origin=OriginId.AUDIO, external_id=name, seconds=sound.seconds, items=items,
                    landmarks=sound.landmarks,
                )
            ],
        )  # fmt: skip
        done.rows["reference"] += written.added
        return track, written.ids[0]

    async def _made(self, done: Filed, sound: Sound, name: str) -> int:
        album = album_of(sound.tags)
        others = await store.album_places(self._connection, album, name) if album else []
        outcome = await write_batch(self._connection, OriginId.AUDIO, records_of(sound, name, others))
        done.rows += outcome.rows
        for (kind, verdict), count in outcome.verdicts.items():
            done.records[f"{kind} {verdict}"] += count
        done.remarks += [(problem.reason, problem.message) for problem in outcome.problems]
        track = await store.own_track(self._connection, name)
        if track is None:
            raise LookupError(f"no track was made of {name}: {done.remarks}")
        return track

    async def _say_same(self, done: Filed, like: store.Known, matched: Matched, sound: Sound, how: str) -> None:
        """Something sounds like a known reference: whether a person should look at it."""
        title = (await store.titles(self._connection, [like.track])).get(like.track, "?")
        other = matched.track is not None and matched.track != like.track
        if other or (sound.tags.title or "").casefold() != title.casefold():
            done.remarks.append(
                (
                    "sounds like a reference of another track"
                    if other
                    else "sounds like a known track of another name",
                    f"{how} the sound of reference {like.reference} of track {like.track} ({title!r}); "
                    + (f"its {matched.by} says track {matched.track}" if other else f"it says {sound.tags.title!r}"),
                )
            )
        else:
            done.notes["another file of a sound that is a reference already"] += 1

    async def _keep(self, file: AudioFile, path: str, sound: Sound, track: int, reference: int | None) -> None:
        name, tags = name_of_sound(sound), sound.tags
        made = await store.own_track(self._connection, name) == track
        place = (album_of(tags), tags.disc, tags.track, tags.date) if made else (None, None, None, None)
        heard = sound.bpm, sound.bpm_confidence, sound.key, sound.key_confidence
        values = file.size, file.modified, name, track, reference, *heard, *place
        await store.save_file(self._connection, path, self._clock(), values)
        await restore_heard(self._connection, [track])
