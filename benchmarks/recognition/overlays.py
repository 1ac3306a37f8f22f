"""What is mixed over music: recorded voices, and music that belongs to nobody's index.

Both come from Debian: the prompts of Asterisk (five speakers of five languages, one of them a man, wide band to 7 kHz)
and its music on hold. What is heard while tuning is not heard in evaluation: prompts and pieces are parted by their
names.
"""

import hashlib
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.audio.mix import Mixer
from sonograph.recognition.audio.pcm import Form

SPEAKERS = ("it", "en", "es", "fr", "ru")  # the first is the man's
PACKAGES = (*(f"asterisk-core-sounds-{language}-g722" for language in SPEAKERS), "asterisk-moh-opsound-g722")
BEDS = {  # music on hold, by what it serves
    "tuning": ("macroform-cold_day", "reno_project-system"),
    "evaluation": ("macroform-robot_dity", "macroform-the_simplicity", "manolo_camp-morning_coffee"),
}
NO_SPEECH = ("beep", "tone", "monkeys", "weasels")
SHORTEST = 2.0  # seconds: a prompt of less is a number or a letter
QUIET = 0.01  # of full scale: what a prompt begins and ends with is cut off below it
PAUSES = (0.15, 0.45)  # seconds between prompts

SPOKEN = Form(22050, "flt")
Sound = NDArray[np.float32]  # mono at 22,050 Hz, full scale is 1
Served = Literal["tuning", "evaluation"]


@dataclass(frozen=True, slots=True)
class Overlays:
    """Prompts by speaker, and pieces of music."""

    voices: tuple[tuple[Sound, ...], ...]
    pieces: tuple[Sound, ...]

    def talk(self, talkers: int, size: int, dice: np.random.Generator) -> Sound:
        """`size` samples of so many people who talk at once, equally loud; one alone is the man half of the time."""
        if talkers == 1:
            chosen = [0 if dice.random() < 0.5 else int(dice.integers(1, len(self.voices)))]
        else:
            chosen = dice.permutation(len(self.voices))[:talkers].tolist()
        mixed = np.zeros(size, np.float32)
        for speaker in chosen:
            spoken = self._speech(self.voices[speaker], size, dice)
            mixed += spoken / np.sqrt(np.mean(spoken**2) + 1e-12)
        return mixed

    def _speech(self, prompts: tuple[Sound, ...], size: int, dice: np.random.Generator) -> Sound:
        parts: list[Sound] = []
        missing = size
        while missing > 0:
            prompt = prompts[int(dice.integers(len(prompts)))]
            if not parts:  # people are in the middle of what they say when a clip begins
                prompt = prompt[int(dice.integers(len(prompt) // 2)) :]
            pause = np.zeros(int(dice.uniform(*PAUSES) * SPOKEN.rate), np.float32)
            parts += [prompt / np.sqrt(np.mean(prompt**2)), pause]
            missing -= len(prompt) + len(pause)
        return np.concatenate(parts)[:size]

    def music(self, size: int, dice: np.random.Generator) -> Sound:
        """`size` samples from anywhere in another piece."""
        piece = self.pieces[int(dice.integers(len(self.pieces)))]
        start = int(dice.integers(len(piece) - size))
        return piece[start : start + size]


def load(folder: Path, served: Served) -> Overlays:
    """The half of the prompts and the pieces that serve so; FOLDER/overlays is fetched where it is not there."""
    fetch(folder)
    voices = tuple(
        tuple(
            _trimmed(_read(path))
            for path in sorted((folder / "overlays" / package).glob("*.g722"))
            if _half(path.stem) == served
        )
        for package in PACKAGES[:-1]
    )
    pieces = tuple(_read(folder / "overlays" / PACKAGES[-1] / f"{name}.g722") for name in BEDS[served])
    return Overlays(voices, pieces)


def fetch(folder: Path) -> None:
    """Downloads the packages (60 MB) and unpacks what is used of them to FOLDER/overlays/PACKAGE/."""
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        target = folder / "overlays" / name
        if target.exists():
            continue
        if not list(packages.glob(f"{name}_*.deb")):
            subprocess.run(["apt-get", "download", "-qq", name], cwd=packages, check=True)
        _unpack(next(packages.glob(f"{name}_*.deb")), target)


def _unpack(package: Path, target: Path) -> None:
    partial = target.with_name(target.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["dpkg", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacking:
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                spoken = path.suffix == ".g722" and not any(word in str(path) for word in (*NO_SPEECH, "silence"))
                if member.isfile() and spoken and member.size / 8000 >= SHORTEST:  # 64 kbit/s
                    content = archive.extractfile(member)
                    assert content is not None  # noqa: S101  (a regular file has content)
                    (partial / path.name).write_bytes(content.read())
        if unpacking.wait():
            raise SystemExit(f"dpkg could not read {package}")
    partial.rename(target)


def _half(name: str) -> Served:
    return "evaluation" if hashlib.sha256(name.encode()).digest()[0] % 2 else "tuning"


def _read(path: Path) -> Sound:
    with av.open(path, format="g722") as container:
        return np.concatenate(list(Mixer(SPOKEN).convert(container.decode(audio=0)))).astype(np.float32)


def _trimmed(sound: Sound) -> Sound:
    loud = np.flatnonzero(np.abs(sound) > QUIET)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound
