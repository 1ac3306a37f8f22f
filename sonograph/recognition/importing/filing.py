"""One file into the catalog: its track found or made, its reference written, what was heard of it kept.

A file is left out only where all of its sound is a reference already: under the same name, which loses nothing, or
under another, which is for a person to decide. Whatever is less sure becomes a track of its own, with a remark.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import asyncpg
import numpy as np

from sonograph.catalog.folding import fold
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer.audio_facts import restore_heard
from sonograph.catalog.writer.writer import write_batch
from sonograph.clock import Clock
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.importing import store
from sonograph.recognition.importing.comparing import Alike, compared
from sonograph.recognition.importing.likeness import Likeness
from sonograph.recognition.importing.matching import BY_NAME, Matched, match
from sonograph.recognition.importing.records import album_of, name_of_sound, records_of
from sonograph.recognition.importing.sound import LONGEST, Sound
from sonograph.recognition.importing.tags import Tags
from sonograph.recognition.importing.walk import AudioFile
from sonograph.recognition.references import Reference
from sonograph.recognition.store import write_references

ANOTHER_FILE = "another file of a sound that is a reference already"
OTHER_NAME = "sounds like a known track of another name"
OTHER_TRACK = "sounds like a reference of another track"
OTHER_SOUND = "named as a track of another sound"


@dataclass(slots=True)
class Filed:
    """What became of a file."""

    records: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    remarks: list[tuple[str, str]] = field(default_factory=list)  # (reason, message): for a person to look at
    left_out: tuple[str, str] | None = None  # (reason, message): nothing was written of it
    written: tuple[int, Items] | None = None  # a reference that is new


@dataclass(slots=True)
class _Case:
    """A file, and what was found out of it."""

    file: AudioFile
    path: str
    sound: Sound
    name: str  # of its reference
    before: bool  # it was imported, with this sound
    matched: Matched
    alike: list[Alike]  # other references
    done: Filed


def path_text(file: AudioFile) -> str:
    """The path as the database can hold it: names need not be UTF-8."""
    return str(file.path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "")


class Filing:
    """Files sounds inside the caller's transactions. `keep_duplicates`: those too that sound like another track."""

    def __init__(
        self, connection: asyncpg.Connection, likeness: Likeness, clock: Clock, *, keep_duplicates: bool = False
    ) -> None:
        self._connection = connection
        self._likeness = likeness
        self._clock = clock
        self._keep_duplicates = keep_duplicates

    async def file(self, file: AudioFile, sound: Sound) -> Filed:
        case = await self._case(file, sound)
        track, reference = await self._place(case)
        if case.done.left_out:
            track = store.NO_TRACK
        elif reference:
            case.done.written = reference, np.frombuffer(sound.items, "<u4")
        await self._keep(case, track, reference)
        return case.done

    async def _case(self, file: AudioFile, sound: Sound) -> _Case:
        connection, done, path = self._connection, Filed(), path_text(file)
        name = name_of_sound(sound)
        before = await store.name_before(connection, path)
        again = before is not None and before.split(":")[0] == name
        if again and before:
            name = before
        same = await store.reference_named(connection, name)
        alike = await compared(connection, sound, self._likeness.like(np.frombuffer(sound.items, "<u4")))
        if same:
            alike = [one for one in alike if one.reference != same.reference]
            if not again:
                alike.insert(0, Alike(same.reference, same.track, identical=True, landmarks=True))
        case = _Case(file, path, sound, name, again and same is not None, Matched(None, None), alike, done)
        case.matched = await self._matched(case, same)
        if sound.tags.titles > 1:
            done.remarks.append(("several titles", f"{sound.tags.titles} of them; {sound.tags.title!r} was taken"))
        if sound.seconds >= LONGEST - 1:
            done.remarks.append(("longer than three hours", "only the first three hours are a reference"))
        return case

    async def _matched(self, case: _Case, same: store.Known | None) -> Matched:
        """The track by codes and names, if its references do not say that names alone are wrong."""
        connection, sound, done = self._connection, case.sound, case.done
        matched = await match(connection, sound.tags, sound.duration)
        done.remarks += [
            (
                "code of a recording of another length",
                f"{by} leads to a track that is not {sound.duration:.0f} s long",
            )
            for by in matched.doubted
        ]
        track = matched.track
        if track is None or matched.by != BY_NAME or (same and same.track == track):
            return matched
        if any(one.track == track for one in case.alike):
            return matched
        known = await store.references_of_track(connection, track)
        if not known or await compared(connection, sound, known):
            return matched
        done.remarks.append(
            (OTHER_SOUND, f"track {track} has its artist, title and duration, but its references sound otherwise")
        )
        return replace(matched, track=None, by=None)

    async def _place(self, case: _Case) -> tuple[int, int | None]:
        """(track, its reference: None where that is another file's)."""
        done, track = case.done, case.matched.track
        own = await store.own_track(self._connection, case.name)
        if track is not None and track != own:
            done.notes[f"matched by {case.matched.by}"] += 1
        like, agrees = await self._most_alike(case)
        if like:
            told = [one for one in case.alike if one.identical and one.track == like.track and one.landmarks]
            if agrees and told:
                done.notes[ANOTHER_FILE] += 1
                return like.track, None
            if agrees and like.identical:  # which has no landmarks, and this has
                track = like.track
            elif not agrees:
                said = await self._said(like, case)
                if told and track is None and not self._keep_duplicates:
                    done.left_out = said
                    return like.track, None
                done.remarks.append(said)
            if await store.reference_named(self._connection, case.name):  # of the very same sound, on another track
                case.name = _name_besides(case.name, case.sound.tags)
                own = await store.own_track(self._connection, case.name)
        if track is None or track == own:
            track = await self._made(case)
        written = await write_references(
            self._connection,
            [
                Reference(
                    track_id=track, origin=OriginId.AUDIO, external_id=case.name, seconds=case.sound.seconds,
                    items=np.frombuffer(case.sound.items, "<u4"), landmarks=case.sound.landmarks,
                )
            ],
        )  # fmt: skip
        done.rows["reference"] += written.added
        return track, written.ids[0]

    async def _most_alike(self, case: _Case) -> tuple[Alike | None, bool]:
        """The reference that a file sounds like, one of its own name rather than others; and whether it is that."""
        if case.before or not case.alike:
            return None, False
        for one in case.alike:
            if await self._agrees(one, case):
                return one, True
        return case.alike[0], False

    async def _agrees(self, like: Alike, case: _Case) -> bool:
        """Whether a file's tags say that it is of the track that it sounds like, or nothing against it."""
        if case.matched.track is not None:
            return case.matched.track == like.track
        tags, names = case.sound.tags, await store.names(self._connection, like.track)
        if tags.title and fold(tags.title) != fold(names.title):
            return False
        credited = {fold(name) for name in names.artists} | {fold(" ".join(names.artists))}
        return not tags.artist or not names.artists or fold(tags.artist) in credited

    async def _said(self, like: Alike, case: _Case) -> tuple[str, str]:
        """A remark on a reference of another track, or name."""
        names, tags, matched = await store.names(self._connection, like.track), case.sound.tags, case.matched
        exactly = like.reference == getattr(await store.reference_named(self._connection, case.name), "reference", None)
        how = "exactly" if exactly else "nearly" if like.identical else "in a part"
        here = f"{how} the sound of reference {like.reference} of track {like.track}"
        if matched.track is not None:
            return OTHER_TRACK, f"{here} ({names.title!r}); its {matched.by} says track {matched.track}"
        known = " - ".join((", ".join(names.artists), names.title))
        return OTHER_NAME, f"{here} ({known!r}); it says {' - '.join((tags.artist or '?', tags.title or '?'))!r}"

    async def _made(self, case: _Case) -> int:
        album = album_of(case.sound.tags)
        others = await store.album_places(self._connection, album, case.name) if album else []
        records = records_of(case.sound, case.name, others)
        outcome = await write_batch(self._connection, OriginId.AUDIO, records)
        done = case.done
        done.rows += outcome.rows
        for (kind, verdict), count in outcome.verdicts.items():
            done.records[f"{kind} {verdict}"] += count
        done.remarks += [(problem.reason, problem.message) for problem in outcome.problems]
        track = await store.own_track(self._connection, case.name)
        if track is None:
            raise LookupError(f"no track was made of {case.name}: {done.remarks}")
        return track

    async def _keep(self, case: _Case, track: int, reference: int | None) -> None:
        sound, file, tags = case.sound, case.file, case.sound.tags
        made = track != store.NO_TRACK and await store.own_track(self._connection, case.name) == track
        place = (album_of(tags), tags.disc, tags.track, tags.date) if made else (None, None, None, None)
        heard = sound.bpm, sound.bpm_confidence, sound.key, sound.key_confidence
        values = file.size, file.modified, case.name, track, reference, *heard, *place
        await store.save_file(self._connection, case.path, self._clock(), values)
        if track != store.NO_TRACK:
            await restore_heard(self._connection, [track])


def _name_besides(name: str, tags: Tags) -> str:
    """The name of a sound's second reference, on the track that other tags tell of."""
    said = "\0".join(fold(text or "") for text in (tags.artist, tags.title))
    return f"{name}:{blake2b(said.encode(), digest_size=8).hexdigest()}"
