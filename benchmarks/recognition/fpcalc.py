"""Our Chromaprint against fpcalc, on real music: `python -m benchmarks.recognition.fpcalc CORPUS`.

Needs fpcalc (Debian: libchromaprint-tools) and the corpus of `benchmarks.recognition.corpus`. Prints what differs, and
what a minute of audio costs us in CPU time.
"""

import argparse
import subprocess
import time
from pathlib import Path

import numpy as np

from benchmarks.figures import percentile
from benchmarks.recognition.corpus import tracks
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.chromaprint import DEFAULT_LENGTH, RATE, fingerprint


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.recognition.fpcalc", description=__doc__)
    arguments.add_argument("corpus", type=Path)
    compared = items = bits = uneven = 0
    decoding, printing = [], []
    for track in tracks(arguments.parse_args().corpus):
        shown = subprocess.run(
            ["fpcalc", "-raw", "-plain", track.path], capture_output=True, text=True, check=False
        ).stdout
        if not shown.strip():
            print(f"fpcalc cannot read {track.path.name}")
            continue
        theirs = np.array(shown.split(","), np.uint32)
        began = time.process_time()
        blocks = list(decode(track.path, length=DEFAULT_LENGTH))
        decoded = time.process_time()
        ours = fingerprint(blocks)
        ended = time.process_time()
        minutes = sum(map(len, blocks)) / RATE / 60
        decoding.append((decoded - began) / minutes)
        printing.append((ended - decoded) / minutes)
        size = min(len(ours), len(theirs))
        compared += 1
        items += size
        different = int(np.bitwise_count(ours[:size] ^ theirs[:size]).sum())
        bits += different
        uneven += len(ours) != len(theirs)
        if different or len(ours) != len(theirs):
            print(f"{track.path.name}: {len(ours)} and {len(theirs)} items, {different} bits differ")
    print(f"{compared} tracks, {items} items: {bits} bits differ, {100 - 100 * bits / (32 * items):.4f} % are equal;")
    print(f"{uneven} tracks have another number of items")
    for what, seconds in (("decoding", decoding), ("fingerprint", printing)):
        print(
            f"{what}: {percentile(seconds, 0.5):.4f} s CPU a minute (median), 95 %: {percentile(seconds, 0.95):.4f} s"
        )


if __name__ == "__main__":
    main()
