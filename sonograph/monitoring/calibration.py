"""What a station's own titles say about how sure a recognition must be there.

Titles are evidence for thresholds alone: no play is ever made of them. They count only where they agree with what is
recognised without doubt, again and again, at the right time, and far beyond chance; a station whose titles lie, lag or
say nothing keeps the thresholds that everyone has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EASIER, HARDER = -2.0, 1.0  # the most that is learnt, in log-odds


@dataclass(frozen=True, slots=True)
class TrackName:
    """How the catalog calls a track."""

    artists: Sequence[str]
    title: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """`shift` is added to the log-odds (of confidence) that a recognition must have: EASIER to HARDER.

    Below 0 weaker recognitions than elsewhere are right on this station, above 0 even those just sure enough are wrong.
    """

    shift: float


class Calibration:
    """Of one stream. Times are seconds of one clock, the same for titles and windows."""

    def note_title(self, at: float, text: str) -> None:
        """The station says so from `at` on."""

    def note_window(
        self, start: float, end: float, heard: Sequence[tuple[int, float]], names: Mapping[int, TrackName]
    ) -> None:
        """What was compared in [start, end): (track, confidence), those that were not sure enough too.

        `names` has the tracks among them that the catalog knows.
        """

    @property
    def learnt(self) -> Learnt | None:
        """None: nothing to go by, the thresholds stay."""
        return None

    def saved(self) -> dict[str, object]:
        """For the column stream.tuning."""
        return {"version": 1}

    @classmethod
    def restored(cls, saved: object) -> "Calibration":
        """From what `saved` gave; from anything else, a new one."""
        calibration = cls()
        calibration._take(saved)
        return calibration

    def _take(self, saved: object) -> None:
        """What of it is sound."""
