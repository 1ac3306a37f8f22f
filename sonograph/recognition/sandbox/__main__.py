"""`python -m sonograph.recognition.sandbox`: what is shipped of the songs, anew; `--wav FOLDER`: the songs as files."""

import argparse
from pathlib import Path

import msgspec

from sonograph.recognition.sandbox.load import NAME, Document
from sonograph.recognition.sandbox.making import shipped_of, version_of, wave_of
from sonograph.recognition.sandbox.synthesis import play
from sonograph.recognition.sandbox.tunes import tunes


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m sonograph.recognition.sandbox", description=__doc__)
    arguments.add_argument("--wav", metavar="FOLDER", type=Path, help="write the songs there instead")
    folder = arguments.parse_args().wav
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for tune in tunes():
            (folder / f"{tune.track.replace('/', '-')}.wav").write_bytes(wave_of(play(tune)))
        return
    songs = tuple(shipped_of(tune) for tune in tunes())
    document = Document(version_of(songs), songs)
    Path(__file__).with_name(NAME).write_bytes(msgspec.msgpack.encode(document))


if __name__ == "__main__":
    main()
