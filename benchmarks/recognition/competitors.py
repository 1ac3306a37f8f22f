"""audfprint on our clips, at its defaults: `python -m benchmarks.recognition.competitors CORPUS CLIPS PROGRAM`.

PROGRAM is the `audfprint` of PyPI's audfprint2 (0.1.2, Dan Ellis's program as a package), installed in an environment
of its own; it needs the command `ffmpeg`. It gets the same files as references and the same clips, as WAV files. The
answers are kept as those of `accuracy` are, so its tables are the same.
"""

import argparse
import json
import re
import resource
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.accuracy import counted, indexed
from benchmarks.recognition.clips import SECONDS, Half, name_of, read
from benchmarks.recognition.corpus import Track, tracks
from benchmarks.recognition.kinship import kin_of
from benchmarks.recognition.scores import Asked, report
from sonograph.recognition.audio.pcm import FINGERPRINT

# The query, the reference, and how many landmarks agree
MATCHED = re.compile(r"Matched (\S+\.wav) .* raw hashes as (.+) at +[-.\d]+ s with +(\d+) of")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.competitors", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("program", type=Path)
    parser.add_argument("--part", choices=("tuning", "evaluation"), default="tuning")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--half", choices=get_args(Half), action="append", help="index only this half")
    parser.add_argument("--every", type=int, default=1, help="ask only each so-manyth clip")
    parser.add_argument("--save", type=Path, help="keep all answers in this file")
    asked = parser.parse_args()
    found = list(tracks(asked.corpus))
    answers = list(_asked(asked, found))
    if asked.save:
        asked.save.parent.mkdir(parents=True, exist_ok=True)
        asked.save.write_text("".join(json.dumps(asdict(answer)) + "\n" for answer in answers))
    judged = counted(answers, found, asked.part, kin_of(asked.corpus, asked.clips))
    print(report(judged, judged, asked.seconds))


def _asked(asked: argparse.Namespace, all_tracks: list[Track]) -> Iterator[Asked]:
    clips, sounds = read(asked.clips, asked.part)
    for half in asked.half or get_args(Half):
        known = [track for track in all_tracks if indexed(track, asked.part, half)]
        names = [name_of(track) for track in known]
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            of_path = {str(track.path): name for track, name in zip(known, names, strict=True)}
            _run(asked.program, folder, "new", list(of_path))
            for condition, rows in sounds.items():
                chosen = range(0, len(clips), asked.every)
                paths = {str(folder / f"{number}.wav"): number for number in chosen}
                for path, number in paths.items():
                    _write(Path(path), rows[number, : asked.seconds * FINGERPRINT.rate])
                began = resource.getrusage(resource.RUSAGE_CHILDREN)
                lines = _run(asked.program, folder, "match", list(paths))
                ended = resource.getrusage(resource.RUSAGE_CHILDREN)
                cpu = (ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime) / len(chosen)
                said = {m[1]: (of_path[m[2]], int(m[3])) for m in map(MATCHED.search, lines) if m is not None}
                for path, number in paths.items():
                    track = clips[number].track
                    name, votes = said.get(path, (None, 0))
                    yield Asked(
                        condition=condition,
                        track=track,
                        number=number,
                        indexed=half,
                        present=track in names,
                        said=name,
                        right=name == track,
                        score=float(votes),
                        accepted=name is not None,
                        confidence=None,
                        cpu=cpu,
                    )


def _write(path: Path, samples: NDArray[np.int16]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(FINGERPRINT.rate)
        file.writeframes(samples.astype("<i2").tobytes())


def _run(program: Path, folder: Path, command: str, paths: list[str]) -> list[str]:
    """What it says; answers are among it."""
    (folder / "list").write_text("\n".join(paths) + "\n")
    options = ["--verbose", "--dbase", str(folder / "base.pklz"), "--list"]
    ran = subprocess.run([program, *options, command, folder / "list"], check=True, capture_output=True, text=True)
    return ran.stderr.splitlines()


if __name__ == "__main__":
    main()
