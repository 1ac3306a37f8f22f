"""Draws a show: the same for the same station, library and seed."""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.radio.mixing import RATE
from benchmarks.radio.programme import SHORTEST, Airing, Bed, Duck, Jingle, Placed, Programme, SongPart, Stretch, Talk
from benchmarks.radio.songs import Library, Song
from benchmarks.radio.stations import Station
from benchmarks.recognition.clips import dice_of

LEVEL = 0.12  # root mean square of full scale that songs are brought to
VOICE, BED = 0.16, 0.03  # of talk, and of music under it
RECENT = 12  # songs that are not repeated so soon, unless aired twice on purpose
JINGLES = 6  # a station's own
JOINT = 0.01  # seconds over which parts of one song are faded into one another
FIRST_GAP = 3.0  # seconds at the least between two airings of one song in a row


def draw(station: Station, library: Library, seconds: float, seed: int) -> Programme:
    return _Show(station, library, dice_of("show", station.name, seed)).draw(seconds)


@dataclass(slots=True)
class _Show:
    station: Station
    library: Library
    dice: np.random.Generator
    placed: list[Placed] = field(default_factory=list)
    ducks: list[Duck] = field(default_factory=list)
    airings: list[Airing] = field(default_factory=list)
    others: list[Stretch] = field(default_factory=list)
    aired: list[Song] = field(default_factory=list)

    def draw(self, seconds: float) -> Programme:
        at = self.dice.uniform(0.0, 3.0)
        fade_in, over_next, twice = 0.0, 0.0, None
        while at < seconds:
            song = twice or self._song()
            kinds = {"again"} if song in self.aired else set()
            if twice:
                kinds.add("twice in a row")
            if over_next:
                kinds.add("talk over intro")
            crossfade = self._chance(self.station.crossfades)
            fade_out = self.dice.uniform(*self.station.crossfade) if crossfade else self._ending()
            end = self._air(song, at, (fade_in, fade_out), kinds)
            twice = song if self._chance(self.station.twice) else None
            fade_in = over_next = 0.0
            if twice or (not crossfade and self._chance(self.station.breaks)):
                at, over_next = self._break(end, lengthy=twice is None)
            elif crossfade:
                at, fade_in = end - fade_out, fade_out
            else:
                at = end + self.dice.choice((0.0, 0.0, 0.3, 1.0))
            if not over_next and self._chance(self.station.jingles):
                self._jingle(at - self.dice.uniform(0.5, 3.0))
        return Programme(
            self.station.name,
            seconds,
            tuple(sorted(self.placed, key=lambda one: one.at)),
            tuple(sorted(self.ducks, key=lambda one: one.start)),
            self._levels(seconds),
            tuple(self.airings),
            tuple(self.others),
        ).until(seconds)

    def _chance(self, share: float) -> bool:
        return bool(self.dice.random() < share)

    def _song(self) -> Song:
        recent = self.aired[-RECENT:]
        if self._chance(self.station.unknown):
            pool = [song for song in self.library.strangers if song not in recent]
        elif self._chance(self.station.again):
            pool = [song for song in self.aired[:-RECENT] if song in self.library.known and song not in recent]
        else:
            pool = [song for song in self.library.known if song not in self.aired]
        pool = pool or [song for song in self.library.known if song not in recent] or list(self.library.known)
        return pool[int(self.dice.integers(len(pool)))]

    def _ending(self) -> float:
        """Seconds of fading out; most songs end by themselves."""
        return float(self.dice.uniform(2.0, 7.0)) if self._chance(0.3) else 0.0

    def _air(self, song: Song, at: float, fades: tuple[float, float], kinds: set[str]) -> float:
        """Places a song, faded in and out for so long, and what is said over it; its end."""
        fade_in, fade_out = fades
        rate = RATE
        if self._chance(self.station.speedy):
            rate = round(RATE / (1 + self.dice.uniform(*self.station.speeds) / 100))
            kinds.add("speed")
        speed = RATE / rate
        parts = self._parts(song, kinds, speed)
        gain = LEVEL / max(song.level, 0.01) * 10 ** (self.dice.uniform(-3, 3) / 20)
        place = at
        for number, (start, end) in enumerate(parts):
            length = (end - start) / speed
            last = number == len(parts) - 1
            self.placed.append(
                Placed(
                    at=place,
                    seconds=length if last else length + JOINT,
                    source=SongPart(song.path, start, end - start + (0.0 if last else JOINT * speed), rate),
                    bus="music",
                    gain=gain,
                    fade_in=min(fade_in, length / 3) if number == 0 else JOINT,
                    fade_out=min(fade_out, length / 3) if last else JOINT,
                )
            )
            place += length
        kinds |= {"faded in"} if fade_in > 1 else set()
        kinds |= {"faded out"} if fade_out > 1 else set()
        if place - at > 60 and self._chance(self.station.mid_talk):
            start = self.dice.uniform(at + 20, place - 35)
            self._speak(start, self.dice.uniform(6, 20), duck=True, bed=False)
            kinds.add("talk within")
        self.aired.append(song)
        if song in self.library.known:
            self.airings.append(Airing(song.number, song.name, at, place, tuple(sorted(kinds))))
        else:
            self.others.append(Stretch(at, place, "unknown", song.name))
        return place

    def _parts(self, song: Song, kinds: set[str], speed: float) -> list[tuple[float, float]]:
        """The pieces of the song, one behind the other, in its own seconds."""
        start, end = song.cue_in, song.cue_out
        if (end - start) / speed > self.station.longest:
            end = start + self.station.longest * speed * self.dice.uniform(0.8, 1.0)
            kinds.add("ended early")
        if self._chance(self.station.cut_early):
            end = start + max(SHORTEST * speed, (end - start) * self.dice.uniform(0.2, 0.7))
            kinds.add("ended early")
        length = end - start
        if length > 90 and self._chance(self.station.edits):
            kinds.add("edit")
            if self._chance(0.5):  # its intro is left out
                return [(start + self.dice.uniform(8, 25), end)]
            cut = start + length * self.dice.uniform(0.3, 0.5)
            return [(start, cut), (cut + self.dice.uniform(8, 30), end)]
        if length > 60 and self._chance(self.station.loops):
            kinds.add("loop")
            loop = self.dice.uniform(4, 12)
            place = start + length * self.dice.uniform(0.3, 0.6)
            return [(start, place), *[(place - loop, place)] * int(self.dice.integers(1, 4)), (place, end)]
        return [(start, end)]

    def _break(self, end: float, *, lengthy: bool) -> tuple[float, float]:
        """Talk and the like behind a song; where the next one begins, and how long that is talked over."""
        station = self.station
        if lengthy and self._chance(station.silences):
            seconds = self.dice.uniform(2, 12)
            self.others.append(Stretch(end, end + seconds, "silence"))
            return end + seconds, 0.0
        over = self.dice.uniform(2, 10) if self._chance(station.talked_over) else 0.0
        into = self.dice.uniform(2, 12) if self._chance(station.talked_over) else 0.0
        if lengthy and self._chance(station.long_breaks):
            kind = "news" if self._chance(0.4) else "advertisements"
            seconds = self.dice.uniform(60, 180)
        else:
            kind, seconds = "talk", self.dice.uniform(FIRST_GAP + 1, 45)
        start, after = end - over, end + seconds
        if over and self.airings and abs(self.airings[-1].end - end) < 1e-6:
            last = self.airings[-1]
            kinds = tuple(sorted({*last.kinds, "talk over outro"}))
            self.airings[-1] = Airing(last.track, last.name, last.start, last.end, kinds)
        if kind == "advertisements":
            self._speak(start, over + 8, duck=bool(over), bed=False)
            at = start + over + 8
            while at < after - 12:
                spot = self.dice.uniform(12, 30)
                self._speak(at, min(spot, after - at), duck=False, bed=True)
                at += spot + 0.3
            into = 0.0
        else:
            self._speak(start, after + into - start, duck=bool(over or into), bed=kind == "news" or self._chance(0.4))
        self.others.append(Stretch(end, after, kind))
        return after, into

    def _speak(self, start: float, seconds: float, *, duck: bool, bed: bool) -> None:
        level = VOICE * 10 ** (self.dice.uniform(-2, 3) / 20)
        talkers = 1 if self._chance(0.85) else 2
        self.placed.append(Placed(start, seconds, Talk(self._seed(), talkers), "over", level, 0.02, 0.05))
        if duck:
            self.ducks.append(Duck(start, start + seconds, self.dice.uniform(-16, -8)))
        if bed:
            self.placed.append(Placed(start, seconds, Bed(self._seed()), "over", BED, 1.0, 2.0))

    def _jingle(self, start: float) -> None:
        seconds = self.dice.uniform(2.5, 7)
        number = int(self.dice.integers(JINGLES))
        self.placed.append(Placed(start, seconds, Jingle(number), "over", LEVEL * 1.3, 0.02, 0.3))
        if self._chance(0.6):
            self.placed.append(Placed(start, seconds, Talk(self._seed(), 1), "over", VOICE, 0.02, 0.05))
        self.ducks.append(Duck(start, start + seconds, self.dice.uniform(-12, -4)))
        for at, airing in enumerate(self.airings[-1:], len(self.airings) - 1):
            if airing.end > start:
                kinds = tuple(sorted({*airing.kinds, "jingle"}))
                self.airings[at] = Airing(airing.track, airing.name, airing.start, airing.end, kinds)

    def _seed(self) -> int:
        return int(self.dice.integers(1 << 31))

    def _levels(self, seconds: float) -> tuple[tuple[float, float], ...]:
        if not self.station.unsteady:
            return ((0.0, 0.0),)
        levels, at = [(0.0, 0.0)], 0.0
        while (at := at + self.dice.uniform(60, 600)) < seconds:
            levels.append((at, self.dice.uniform(-self.station.unsteady, 0.0)))
        return tuple(levels)
