"""`python -m sonograph.recognition.recognising DESCRIPTOR FOLDER SECONDS`: one process that recognises, job by job.

Started by `processes`, which sends the jobs over a socket; it ends when the other end is closed. The indexes are mapped
from FOLDER, and looked at anew before every job. Audio is decoded in a sandbox.
"""

import logging
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path

from sonograph.errors import SonographError
from sonograph.recognition.audio.faults import Unreadable
from sonograph.recognition.audio.job import Limits
from sonograph.recognition.audio.sandboxed import Sandbox
from sonograph.recognition.chromaprint import SILENCE
from sonograph.recognition.clip import clip_of, listen
from sonograph.recognition.index.folder import catalog_folder
from sonograph.recognition.jobs import Answer, Job, OfFile, Prints, Refusal, Reply, ToReference, packed, received
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import reference_peaks
from sonograph.recognition.matcher import Matcher
from sonograph.recognition.references import from_bytes, to_bytes
from sonograph.recognition.refusals import ERRORS

SHORTEST = 5.0  # seconds of a reference: of less there is nothing to recognise
NICENESS = 5  # the service answers everybody else first
_log = logging.getLogger(__name__)


def index_folder(data_dir: Path, *, test: bool) -> Path:
    """Where the index of a catalog lies."""
    return catalog_folder(data_dir, "sandbox" if test else "catalog")


class Recognising:
    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self._matchers: dict[bool, Matcher] = {}

    def reply(self, job: Job) -> Reply:
        try:
            if isinstance(job, ToReference):
                return self._prints(Path(job.path))
            matcher = self._matcher(test=job.test)
            if isinstance(job, OfFile):
                with self._sandbox.opened(Path(job.path), length=job.length) as audio:
                    clip = listen(audio.blocks)
            else:
                clip = clip_of(from_bytes(job.items))
            return Answer(tuple(matcher.recognise(clip, job.top)))
        except SonographError as error:
            name = next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in ERRORS), "Unavailable")
            return Refusal(name, error.message, getattr(error, "field", None))

    def _prints(self, path: Path) -> Prints:
        with self._sandbox.opened(path) as audio:
            clip = listen(audio.blocks)
        peaks = None if clip.peaks is None else reference_peaks(clip.peaks)
        if clip.seconds < SHORTEST or not peaks or (clip.items == SILENCE).all():
            raise Unreadable(f"Of a reference at least {SHORTEST:.0f} seconds must be heard.")
        return Prints(clip.seconds, to_bytes(clip.items), pack(peaks))

    def _matcher(self, *, test: bool) -> Matcher:
        """Of a catalog, as its index is now."""
        known = self._matchers.get(test)
        if known is None:
            known = self._matchers[test] = Matcher(index_folder(self._folder, test=test))
        else:
            known.refresh()
        return known


def main() -> None:
    os.nice(NICENESS)
    descriptor, folder, seconds = sys.argv[1:]
    limits = replace(Limits(), wall=float(seconds))
    with socket.socket(fileno=int(descriptor)) as service, Sandbox(1, limits) as sandbox:
        recognising = Recognising(Path(folder), sandbox)
        while (job := received(service)) is not None:
            try:
                reply = recognising.reply(job)
            except Exception:  # noqa: BLE001  (whatever it is, the next job may go well)
                _log.exception("recognition failed")
                reply = Refusal("Unavailable", "Identifying this failed.")
            service.sendall(packed(reply))


if __name__ == "__main__":
    main()
