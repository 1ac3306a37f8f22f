"""Real music to measure recognition on: the soundtracks of games that Debian packages.

`python -m benchmarks.recognition.corpus FOLDER` downloads the packages by apt (Debian or a relative), takes the
music out of them without installing anything, and lists the tracks. 1.4 GB are fetched; what is there already is kept.
"""

import argparse
import hashlib
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

import av
import av.error

from benchmarks.figures import table

PACKAGES = (
    "hedgewars-data",
    "hyperrogue-music",
    "naev-data",
    "singularity-music",
    "supertux-data",
    "warzone2100-music",
    "wesnoth-1.16-music",
    "widelands-data",
)
SUFFIXES = {".flac", ".mp3", ".ogg", ".opus"}
SHORTEST = 30.0  # seconds: what is shorter is a jingle, and jingles of one game resemble each other

# What each third is for. Nothing is ever tuned on `evaluation`, whose tracks are the negatives as well: none of them is
# indexed where a benchmark counts wrong answers.
Part = Literal["references", "tuning", "evaluation"]


@dataclass(frozen=True, slots=True)
class Track:
    path: Path
    package: str
    part: Part
    seconds: float


def part_of(name: str) -> Part:
    """The third a file belongs to: by its name alone, so that it stays there whatever else is packaged."""
    parts: tuple[Part, ...] = get_args(Part)
    return parts[int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % len(parts)]


def fetch(folder: Path) -> None:
    """Downloads the packages and unpacks their music to FOLDER/music/PACKAGE/."""
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        target = folder / "music" / name
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
                if member.isfile() and path.suffix in SUFFIXES and "music" in member.name.lower():
                    content = archive.extractfile(member)
                    assert content is not None  # noqa: S101  (a regular file has content)
                    (partial / "-".join(path.parts[-2:])).write_bytes(content.read())
        if unpacking.wait():
            raise SystemExit(f"dpkg could not read {package}")
    partial.rename(target)


def tracks(folder: Path) -> Iterator[Track]:
    """The tracks of a corpus that was fetched, in a fixed order."""
    for path in sorted((folder / "music").glob("*/*")):
        try:
            with av.open(path) as container:
                seconds = (container.duration or 0) / 1e6
        except av.error.FFmpegError:
            continue  # one file of hyperrogue-music; FFmpeg's own tools cannot read it either
        if seconds >= SHORTEST:
            yield Track(path, path.parent.name, part_of(path.name), seconds)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.recognition.corpus", description=__doc__)
    arguments.add_argument("folder", type=Path)
    folder = arguments.parse_args().folder
    fetch(folder)
    found = list(tracks(folder))
    for track in found:
        print(f"{track.part}\t{track.seconds:.1f}\t{track.path}")
    parts: tuple[Part, ...] = get_args(Part)
    rows = [
        [package, *(sum(t.package == package and t.part == part for t in found) for part in parts)]
        for package in PACKAGES
    ]
    rows.append(["all", *(sum(t.part == part for t in found) for part in parts)])
    print(table(["package", *parts], rows))


if __name__ == "__main__":
    main()
