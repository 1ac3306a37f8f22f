"""Tracks (recordings), alone and on a release."""

import json
from datetime import date
from typing import Annotated, Literal

import strawberry

from schema.projection.mapping import Node, column, expr, find, many, one, row
from schema.types.artist import BILLED, ArtistCredit, BilledArtist
from schema.types.genre import Genre
from schema.types.release import Release
from schema.types.shared import DATABASE_ID, First, stored
from schema.types.work import Iswc, Work
from sonograph.catalog import browse
from sonograph.catalog.keys import KEYS
from sonograph.catalog.vocabulary import Platform
from sonograph.postgres.found import Found

LINK_URL = """case this.source
  when 1 then 'https://open.spotify.com/track/' || this.external_id
  when 2 then 'https://music.apple.com/song/' || this.external_id
  when 3 then 'https://tidal.com/browse/track/' || this.external_id
  when 4 then 'https://www.beatport.com/track/-/' || this.external_id
  when 5 then 'https://www.discogs.com/release/' || split_part(this.external_id, '-', 1)
  when 6 then 'https://musicbrainz.org/recording/' || this.external_id
  when 7 then 'https://www.youtube.com/watch?v=' || this.external_id end"""


def _in_notation(notation: Literal["musical", "open"]) -> str:
    """The key in another notation: a constant, which takes a tenth of the time of a look-up in a table."""
    names = {key.alphanumeric: getattr(key, notation) for key in KEYS}
    return f"'{json.dumps(names)}'::jsonb ->> this.camelot"


@row("platform_link", "track_id")
class PlatformLink:
    """What another platform calls a recording."""

    source: Platform = stored("The platform.")
    external_id: str = stored("The platform's id; on Discogs, release id and position (`2844-A`).")
    url: str | None = expr(LINK_URL, description="Where it is found there.")


@row("track_musical_key", "track_id")
class SourcedKey:
    """What one source says about the musical key."""

    source: str = stored("Who says so.")
    key_alphanumeric: str = column("camelot", description="1A to 12B; A is minor, B major.")
    key_musical: str | None = expr(_in_notation("musical"), description="As musicians write it.")
    key_open: str | None = expr(_in_notation("open"), description="In open key notation.")


def _genre_names(of: str) -> str:
    return (
        "array(select g.name from track_genre tg join genre g on g.id = tg.genre_id "
        f"where tg.track_id = this.id and g.parent_id {of} order by g.id)"
    )


@strawberry.type
class TrackFields:
    """What a track shows of itself wherever it stands."""

    database_id: int = column("id", description=DATABASE_ID)
    title: str = stored("Title, version included.")
    artist_credit: str = expr(
        # The last phrase is taken off again: a window function that tells the last row doubles the time.
        """select coalesce(left(whole.credit, length(whole.credit) - whole.rest), '') from (
          select string_agg(c.name || c.phrase, '') as credit, length((array_agg(c.phrase))[count(*)]) as rest
          from (select coalesce(ta.credited_as, a.name) as name, coalesce(ta.join_phrase, ', ') as phrase
            from track_artist ta join artist a on a.id = ta.artist_id
            where ta.track_id = this.id and ta.role < 2 order by ta.position) c) whole""",
        description="Primary and featured artists in one line, as credited.",
    )
    artists: list[ArtistCredit] = many(
        "this.track_id = parent.id", order="this.position", description="Who made it, at most 100."
    )
    billed_artists: list[BilledArtist] = many(
        BILLED,
        order="this.position",
        description="Primary and featured artists, remixers and performers, each once: whom a listener would name.",
    )
    isrc: str | None = expr(
        'select i.code from isrc i where i.track_id = this.id order by i.preferred desc, i.code collate "C" limit 1',
        description="A representative ISRC: every code of the track finds it.",
    )
    isrcs: list[str] = expr(
        'array(select i.code from isrc i where i.track_id = this.id order by i.preferred desc, i.code collate "C")',
        description="Every ISRC, the representative one first.",
    )
    duration: int | None = stored("Length in seconds.")
    genre: list[str] = expr(_genre_names("is null"), description="Names of its main genres.")
    subgenre: list[str] = expr(_genre_names("is not null"), description="Names of its subgenres.")
    genres: list[Genre] = many(
        "tg.track_id = parent.id and this.id = tg.genre_id",
        through="track_genre tg",
        order="this.id",
        description="Its main genres and subgenres.",
    )
    bpm: float | None = expr("round(this.bpm::numeric, 2)", description="Beats a minute.")
    key_alphanumeric: str | None = column("camelot", description="Musical key, 1A to 12B; A is minor, B major.")
    key_musical: str | None = expr(
        _in_notation("musical"),
        description="Musical key as musicians write it.",
    )
    key_open: str | None = expr(
        _in_notation("open"),
        description="Musical key in open key notation.",
    )
    keys: list[SourcedKey] = many(
        "this.track_id = parent.id", order='this.source collate "C"', description="What each source says about the key."
    )
    popularity: int = stored("How much it is listened to; comparable within the catalog only.")


@row("track")
class Track(TrackFields, Node):
    """A recording."""

    released: date | None = stored("When its first dated release came out.")
    works: list[Work] = many(
        "wr.track_id = parent.id and this.id = wr.work_id",
        through="work_recording wr",
        order="this.id",
        description="The compositions that it is a recording of: several for a medley.",
    )
    iswcs: list[Iswc] = many(
        # Sources may have two works with one code: the code stands once, with the older work.
        "wr.track_id = parent.id and this.work_id = wr.work_id and not exists (select from work_recording o "
        "join iswc c on c.work_id = o.work_id where o.track_id = parent.id and c.code = this.code "
        "and c.work_id < this.work_id)",
        through="work_recording wr",
        order="this.code, this.work_id",
        description="The ISWCs of its compositions, each once.",
    )

    @find(list[Release])
    def releases(first: First = 20) -> Found:
        """Releases that it is on, oldest first."""
        return browse.releases_of_track(first)

    @find(list[PlatformLink])
    def links(
        platforms: Annotated[list[Platform] | None, strawberry.argument(description="These platforms only.")] = None,
    ) -> Found:
        """What other platforms call it."""
        return browse.links_of_track(platforms)


@row("track", beside={"disc_number": "int", "track_number": "int"})
class ReleaseTrack(TrackFields):
    """A track at its place on a release: the position belongs to the pairing, not to the track."""

    disc_number: int | None = stored("Disc, from 1.")
    track_number: int | None = stored("Place on the disc, from 1.")
    track: Track = one("this.id = parent.id", description="The track itself.")
