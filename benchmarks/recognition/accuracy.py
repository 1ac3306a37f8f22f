"""How often recognition is right: `python -m benchmarks.recognition.accuracy CORPUS CLIPS`.

Asks the clips of `benchmarks.recognition.clips` in a real index, each half of a part in turn being what is indexed and
what is not. Each track that is in no index is asked whole as well, window after window, clean.

Right is the track that the clip was cut from. Tracks that share material (`benchmarks.recognition.kinship`) are neither
right nor wrong for one another, and clips of those that are in the index are no strangers.

Prints, condition by condition, what the product's own rule gets right, and what two thresholds do that let pass one
stranger in a thousand and one in a hundred: of those in the answers that `--tuned` names, or, without it, of these.
`--save` keeps every answer. Halves asked by two processes make one table by `--kept FILE FILE`.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.clips import SECONDS, Half, half_of, name_of, read
from benchmarks.recognition.contenders import CONTENDERS, Contender, build_index
from benchmarks.recognition.corpus import Track, tracks
from benchmarks.recognition.kinship import Kin, kin_of
from benchmarks.recognition.overlays import Served
from benchmarks.recognition.recordings import recording
from benchmarks.recognition.scores import WINDOWS, Asked, load, report
from sonograph.recognition.audio.pcm import FINGERPRINT


@dataclass(frozen=True, slots=True)
class _Question:
    condition: str
    track: str
    number: int  # of the clip or the window
    sound: NDArray[np.int16]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.accuracy", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--part", choices=("tuning", "evaluation"), default="tuning")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--recogniser", choices=tuple(CONTENDERS), default="ours")
    parser.add_argument("--condition", action="append", help="only these; `windows` is one of them")
    parser.add_argument("--half", choices=get_args(Half), action="append", help="index only this half")
    parser.add_argument("--every", type=int, default=1, help="ask only each so-manyth clip and window")
    parser.add_argument("--save", type=Path, help="keep all answers in this file")
    parser.add_argument("--kept", type=Path, nargs="+", help="ask nothing: the tables of these answers together")
    parser.add_argument("--tuned", type=Path, help="thresholds that the strangers in this file of answers call for")
    asked = parser.parse_args()
    found = list(tracks(asked.corpus))
    answers = [answer for path in asked.kept for answer in load(path)] if asked.kept else list(_asked(asked, found))
    if asked.save:
        asked.save.parent.mkdir(parents=True, exist_ok=True)
        asked.save.write_text("".join(json.dumps(asdict(answer)) + "\n" for answer in answers))
    kin = kin_of(asked.corpus, asked.clips)
    tuning = counted(load(asked.tuned), found, "tuning", kin) if asked.tuned else None
    judged = counted(answers, found, asked.part, kin)
    print(report(judged, judged if tuning is None else tuning, asked.seconds))


def counted(answers: Iterable[Asked], found: list[Track], part: Served, kin: Kin) -> list[Asked]:
    """Those answers that count: not what names a track's kin, nor strangers that have kin in the index."""
    known = {half: {name_of(track) for track in found if indexed(track, part, half)} for half in get_args(Half)}
    strange = {(name, half) for half in known for name in map(name_of, found) if not kin.any_of(name, known[half])}
    return [
        answer
        for answer in answers
        if (answer.right or answer.said is None or not kin.related(answer.said, answer.track))
        and (answer.present or (answer.track, answer.indexed) in strange)
    ]


def _asked(asked: argparse.Namespace, all_tracks: list[Track]) -> Iterator[Asked]:
    part: Served = asked.part
    for half in asked.half or get_args(Half):
        known = [t for t in all_tracks if indexed(t, part, half)]
        numbers = {number: name_of(track) for number, track in enumerate(all_tracks)}
        contender = _set_up(asked, [(number, track) for number, track in enumerate(all_tracks) if track in known])
        names = {name_of(track) for track in known}
        for question in _questions(asked, part, half, all_tracks):
            began = time.process_time()
            said = contender.ask(question.sound)
            seconds = time.process_time() - began
            name = None if said.reference is None else numbers[said.reference]
            yield Asked(
                condition=question.condition,
                track=question.track,
                number=question.number,
                indexed=half,
                present=question.track in names,
                said=name,
                right=name == question.track,
                score=said.score,
                accepted=said.accepted,
                confidence=said.confidence,
                cpu=seconds,
            )


def indexed(track: Track, part: Served, half: Half) -> bool:
    """Whether a track is in the index when this half of a part is."""
    return track.part == "references" or (track.part == part and half_of(name_of(track)) == half)


def _set_up(asked: argparse.Namespace, known: list[tuple[int, Track]]) -> Contender:
    """Asks an index whose files are gone already: it has them mapped."""
    with tempfile.TemporaryDirectory(dir=asked.clips) as folder:
        references = ((number, name_of(track), recording(asked.clips, track)) for number, track in known)
        build_index(Path(folder), asked.clips / "prints", references)
        return CONTENDERS[asked.recogniser](Path(folder))


def _questions(asked: argparse.Namespace, part: Served, half: Half, all_tracks: list[Track]) -> Iterator[_Question]:
    size = asked.seconds * FINGERPRINT.rate
    clips, sounds = read(asked.clips, part)
    for condition, rows in sounds.items():
        if asked.condition is None or condition in asked.condition:
            for number in range(0, len(clips), asked.every):
                yield _Question(condition, clips[number].track, number, np.asarray(rows[number, :size]))
    if asked.condition is not None and WINDOWS not in asked.condition:
        return
    strangers = [t for t in all_tracks if t.part == part and half_of(name_of(t)) != half]
    step = SECONDS * FINGERPRINT.rate * asked.every
    for track in strangers:
        sound = recording(asked.clips, track)
        for number, start in enumerate(range(0, len(sound) - size, step)):
            yield _Question(WINDOWS, name_of(track), number, np.asarray(sound[start : start + size]))


if __name__ == "__main__":
    main()
