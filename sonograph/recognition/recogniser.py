"""Recognition as the service uses it: asynchronous, in processes of their own, with tracks for an answer."""

import os
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Self, TypeVar

from sonograph.errors import Invalid
from sonograph.postgres.pool import Pool
from sonograph.recognition.acoustid import MOST_ITEMS
from sonograph.recognition.answer import Found, Heard
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.jobs import Answer, Job, OfFile, OfFingerprint, Prints, Refusal, ToReference
from sonograph.recognition.processes import Processes
from sonograph.recognition.references import to_bytes
from sonograph.recognition.refusals import error_of
from sonograph.recognition.store import tracks_of
from sonograph.settings import Settings

T = TypeVar("T")
MOST_TRACKS = 25  # in an answer
MOST_WORKERS = 2  # if not told otherwise
_REFERENCES = 4  # asked for, for each track: several may be of one


class Recogniser:
    """One a service. Its processes start with the first question, and end with it."""

    def __init__(self, settings: Settings, live: Pool, sandbox: Pool) -> None:
        self._pools = {False: live, True: sandbox}
        seconds = settings.recognition_seconds
        self._processes = Processes(
            [str(settings.data_dir.absolute()), str(seconds)],
            count=settings.recognition_workers or min(MOST_WORKERS, os.cpu_count() or 1),
            waiting=settings.recognition_queue,
            seconds=seconds,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._processes.close()

    async def of_fingerprint(self, items: Items, *, test: bool, top: int) -> list[Found]:
        """The tracks that a Chromaprint fingerprint is of, the surest first; `Invalid` if it is too long.

        `Unavailable`: too many wait (`retry_after` says when to come back), or something went wrong on our side.
        """
        if len(items) > MOST_ITEMS:
            raise Invalid(f"fingerprint: more than {MOST_ITEMS} items", "fingerprint")
        return await self._tracks(OfFingerprint(to_bytes(items), test, references_for(top)), top)

    async def of_file(self, path: Path, *, test: bool, top: int, length: float | None = None) -> list[Found]:
        """The tracks that are heard in a file that somebody sent, or in its first `length` seconds.

        `Unreadable` and `TooLong` are the file's fault; `Unavailable` as above.
        """
        return await self._tracks(OfFile(str(path), test, references_for(top), length), top)

    async def prints_of_file(self, path: Path) -> Prints:
        """The fingerprints of a file that somebody sent, to keep them. Raises as `of_file`."""
        return await self._reply(ToReference(str(path)), Prints)

    async def _reply(self, job: Job, kind: type[T]) -> T:
        reply = await self._processes.run(job)
        if isinstance(reply, Refusal):
            raise error_of(reply)
        if not isinstance(reply, kind):
            raise TypeError(f"{type(reply).__name__} is no answer to {type(job).__name__}")
        return reply

    async def _tracks(self, job: OfFingerprint | OfFile, top: int) -> list[Found]:
        reply = await self._reply(job, Answer)
        ids = [one.reference for one in reply.heard]
        return found(reply.heard, await tracks_of(self._pools[job.test], ids) if ids else {})[:top]


def found(heard: Iterable[Heard], tracks: dict[int, int]) -> list[Found]:
    """One answer a track, of what is sorted already; references that are gone meanwhile are left out."""
    first: dict[int, Found] = {}
    for one in heard:
        track = tracks.get(one.reference)
        if track is not None and track not in first:
            first[track] = Found(track_id=track, **{f.name: getattr(one, f.name) for f in fields(Heard)})
    return list(first.values())


def references_for(top: int) -> int:
    """How many references to ask for, to have so many tracks."""
    if not 1 <= top <= MOST_TRACKS:
        raise Invalid(f"top: must be 1 to {MOST_TRACKS}", "top")
    return _REFERENCES * top
