"""The ordinary part: every artist's releases, as their row in `artists` plans them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sonograph.catalog.records import Credit, Kind, Place, Ref, ReleaseRecord, TrackRecord, WorkRecord
from sonograph.catalog.sandbox import facts, invented, labels, words
from sonograph.catalog.sandbox.artists import BY_ID, ArtistRow, active
from sonograph.catalog.sandbox.draw import Draw
from sonograph.catalog.sandbox.styles import STYLES

OLDEST, NEWEST = 1925, 2026
KINDS: dict[str, Kind] = {
    "A": "album", "D": "album", "E": "ep", "S": "single", "L": "live", "R": "remix", "T": "soundtrack",
}  # fmt: skip
CLUB_VERSIONS = ("Original Mix", "Extended Mix", "Radio Edit", "Remix", "Dub")
SONG_VERSIONS = ("", "Acoustic", "Live", "Radio Edit", "Demo")
SHORT_PIECES = ("Intro", "Intro", "Intro", "Interlude", "Outro")


@dataclass(slots=True)
class Song:
    """A composition of an artist, with the works that its recordings belong to."""

    title: str
    works: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One part of an artist's plan, "A9": a release of that kind with so many tracks."""

    key: str
    kind: str
    count: int
    year: int


@dataclass(slots=True)
class Discography:
    """Builds one artist's releases one after the other; later ones take up songs of earlier ones."""

    row: ArtistRow
    works: list[WorkRecord] = field(default_factory=list)
    releases: list[ReleaseRecord] = field(default_factory=list)
    songs: list[Song] = field(default_factory=list)

    def build(self) -> None:
        titles = words.titles(self.row.id, self.row.language, STYLES[self.row.style].words)
        year = int(self.row.formed[:4]) if self.row.formed else 2005
        for number, part in enumerate(self.row.plan.split(), start=1):
            key = f"{self.row.id}/{number}"
            year = min(max(year, OLDEST) + Draw(f"year/{key}").number(1, 6), NEWEST)
            self.releases.append(self._release(Plan(key, part[0], int(part[1:]), year), titles))

    def _release(self, plan: Plan, titles: Iterator[str]) -> ReleaseRecord:
        row, draw = self.row, Draw(f"release/{plan.key}")
        tracks = list(self._tracks(plan, titles))
        title = {
            "E": f"{tracks[0].title} EP",
            "S": self.songs[-1].title if self.songs else tracks[0].title,
            "L": f"Live at the {draw.pick(('Pier', 'Old Brewery', 'Opera House', 'Ferry Terminal'))}",
            "R": f"{self.releases[-1].title} Remixed" if self.releases else "Remixed",
        }.get(plan.kind) or next(titles)
        label = draw.pick(labels.BY_STYLE[row.style]) if row.style in labels.BY_STYLE and draw.chance(0.85) else None
        ids = [track.id for track in tracks]
        places = facts.numbered(ids, 2 if plan.kind == "D" else 1)
        unnumbered = draw.chance(0.04)
        return ReleaseRecord(
            id=plan.key,
            title=title,
            artist=Ref(id=row.id),
            label=Ref(id=label.id) if label else None,
            release_date=facts.release_date(draw, plan.year),
            catalog_no=f"{label.prefix}{draw.number(1, 399):03}" if label and draw.chance(0.8) else None,
            popularity=draw.popularity() if draw.chance(0.9) else None,
            tracks=tuple(
                Place(track=track, disc=None if unnumbered else place.disc, number=None if unnumbered else place.number)
                for track, place in zip(tracks, places, strict=True)
            ),
            editions=facts.editions(
                facts.Published(plan.key, KINDS[plan.kind], plan.year, label.name if label else None, ids)
            ),
        )

    def _tracks(self, plan: Plan, titles: Iterator[str]) -> Iterator[TrackRecord]:
        style, draw = STYLES[self.row.style], Draw(f"tracks/{plan.key}")
        old = draw.some(self.songs, plan.count) if plan.kind in "LR" else []
        single = self._song(next(titles)) if plan.kind == "S" else None
        for number in range(1, plan.count + 1):
            key = f"{plan.key}/{number}"
            credited = self._credits(Draw(f"credits/{plan.key if single else key}"), plan.year)
            if plan.kind in "AD" and number == 1 and not self.row.language and draw.chance(0.3):
                song = Song(draw.pick(SHORT_PIECES), ())
            elif single:
                song = single
            elif number <= len(old):
                song = old[number - 1]
            else:
                song = self._song(next(titles))
            title, credited = self._version(plan, number, song, credited)
            origin = facts.Origin(style, plan.year, plan.key, number)
            yield facts.recording(key, title, credited, origin, song.works)

    def _song(self, title: str) -> Song:
        """A new song; most have a registered work, of these most with one ISWC."""
        key = f"{self.row.id}/{len(self.songs) + 1}"
        draw = Draw(f"work/{key}")
        song = Song(title, (key,) if draw.chance(0.8) else ())
        if song.works:
            codes = tuple(invented.iswc(f"{key}/{n}") for n in range(draw.pick((0, 1, 1, 1, 1, 1, 1, 2))))
            self.works.append(WorkRecord(id=key, title=title, iswcs=codes))
        self.songs.append(song)
        return song

    def _credits(self, draw: Draw, year: int) -> list[Credit]:
        """The artist, now and then under another name, with a guest, or as half of a pair."""
        alias = draw.pick(self.row.aliases) if self.row.aliases and draw.chance(0.15) else None
        own = Credit(artist=Ref(id=self.row.id), credited_as=alias)
        guest = draw.pick(active(year))
        if guest is self.row or draw.chance(0.8):
            return [own]
        role, join = draw.pick((("featured", " feat. "), ("featured", " ft. "), ("primary", " & "), ("primary", ", ")))
        joined = Credit(artist=own.artist, credited_as=alias, join_phrase=join)
        return [joined, Credit(artist=Ref(id=guest.id), role="featured" if role == "featured" else "primary")]

    def _version(self, plan: Plan, number: int, song: Song, credited: Sequence[Credit]) -> tuple[str, list[Credit]]:
        """Title and credits of a track: live, remixed, or on a single the n-th of the usual versions."""
        versions = {
            "L": ("Live",),
            "R": ("Remix",),
            "S": CLUB_VERSIONS if STYLES[self.row.style].mixes else SONG_VERSIONS,
        }.get(plan.kind, ("",))
        version = versions[min(number, len(versions)) - 1]
        if version != "Remix":
            return f"{song.title} ({version})" if version else song.title, list(credited)
        remixers = [row for row in active(plan.year) if STYLES[row.style].mixes and row is not self.row]
        remixer = Draw(f"remix/{plan.key}/{number}").pick(remixers or [BY_ID["kettledrift"]])
        return f"{song.title} ({remixer.name} Remix)", [*credited, Credit(artist=Ref(id=remixer.id), role="remixer")]


def discographies() -> list[Discography]:
    """All of them, in the order of the table."""
    made = [Discography(row) for row in BY_ID.values()]
    for discography in made:
        discography.build()
    return made
