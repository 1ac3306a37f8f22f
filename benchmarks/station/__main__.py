"""`python -m benchmarks.station [MINUTES]`: CPU of the sandbox station, by the minute that it airs."""

import sys
import time

from sonograph.monitoring.station.audio import TICK, Encoder
from sonograph.monitoring.station.programme import Programme

START = 1_800_000_000.0  # the same songs each time


def main() -> None:
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    begun = time.thread_time()
    programme = Programme()
    made = time.thread_time() - begun
    encoder = Encoder(programme, START)
    size, longest, begun = 0, 0.0, time.thread_time()
    while encoder.at < START + 60 * minutes:
        before = time.thread_time()
        size += sum(len(part.sound) for part in encoder.until(encoder.at + TICK))
        longest = max(longest, time.thread_time() - before)
    spent = time.thread_time() - begun
    sys.stdout.write(
        f"before the first sound {made:.2f} s of CPU\n"
        f"on air {100 * spent / (60 * minutes):.2f} % of a core, {size * 8 / (60 * minutes) / 1000:.0f} kbit/s\n"
        f"longest piece of work {longest:.2f} s (a song begins)\n"
    )


if __name__ == "__main__":
    main()
