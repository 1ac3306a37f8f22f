"""What an import of audio costs, by part, and how much is stored: `python -m benchmarks.recognition.hearing CORPUS`.

Every 26th track of the corpus of `benchmarks.recognition.corpus`, in this process.
"""

import argparse
import resource
from collections import Counter
from pathlib import Path

from benchmarks.figures import table
from benchmarks.recognition.corpus import tracks
from sonograph.recognition.importing.sound import Sound, hear

EACH = 26


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.recognition.hearing", description=__doc__)
    arguments.add_argument("corpus", type=Path)
    costs, stored, seconds = Counter[str](), Counter[str](), 0.0
    for track in list(tracks(arguments.parse_args().corpus))[5::EACH]:
        heard = hear(track.path, untagged=True)
        if isinstance(heard, Sound):
            seconds += heard.seconds
            costs.update(heard.costs)
            stored.update({"chromaprint": len(heard.items), "landmarks": len(heard.landmarks)})
    rows = [[part, f"{60 * cost / seconds:.3f}"] for part, cost in costs.items()]
    rows.append(["all", f"{60 * costs.total() / seconds:.3f}"])
    print(f"{seconds / 60:.0f} minutes")
    print(table(["part", "CPU seconds a minute of audio"], rows))
    print(table(["stored", "bytes for 30 s"], [[kind, round(30 * size / seconds)] for kind, size in stored.items()]))
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB of memory at most")


if __name__ == "__main__":
    main()
