"""Finds of lists: what belongs to a row, what is new, what fits a few plain conditions."""

from datetime import date

from sonograph.catalog.vocabulary import EntityKind, Platform
from sonograph.errors import Invalid
from sonograph.postgres.found import Found, Order, page, top

NEWEST = (
    Order("coalesce(this.release_date, '-infinity'::date)", "date", desc=True),
    Order("this.id", "int", desc=True),
)
POPULAR = (Order("this.popularity", "int", desc=True), Order("this.id", "int", desc=True))
NEWEST_TRACKS = (
    Order("coalesce(this.released, '-infinity'::date)", "date", desc=True),
    Order("this.id", "int", desc=True),
)
NEWEST_OF_GENRE = (
    Order("coalesce(tg.released, '-infinity'::date)", "date", desc=True),
    Order("tg.track_id", "int", desc=True),
)

_DATE = "coalesce(release_date, '-infinity'::date)"
_BY_DATE = f"{_DATE} desc, id desc"

MAX_RELEASE_TRACKS = 1000
MAX_EDITIONS = 20  # of the genuinely different ones
# Rows that are looked at where no index has the order of the list. At a million tracks with 128 MB of shared buffers a
# look-up in `track` takes 6 µs when ten of them are neighbours, as on a release, and 13 µs when they lie anywhere.
CANDIDATES = 10_000
SAMPLE_CANDIDATES = 4000  # the same for a sample, which looks anywhere
SAMPLED = 1000  # the most popular of them, of which a random browse takes its sample


def releases_of_artist(first: int, after: str | None, since: date | None, until: date | None) -> Found:
    """Newest first; undated ones last, and left out when either bound is set."""
    return _releases("artist", first, after, since, until)


def releases_of_label(first: int, after: str | None, since: date | None, until: date | None) -> Found:
    """Newest first; undated ones last, and left out when either bound is set."""
    return _releases("label", first, after, since, until)


def _releases(whose: str, first: int, after: str | None, since: date | None, until: date | None) -> Found:
    sql, params = f"from release this where this.{whose}_id = parent.id", list[date]()
    for value, compare in ((since, ">="), (until, "<=")):
        if value is not None:
            params.append(value)
            # The sort expression itself, so that a bound is a range of the index and not a filter on its rows.
            sql += f" and coalesce(this.release_date, '-infinity'::date) {compare} ${len(params)}::date"
    if params:  # said as well, because asyncpg sends the first day of year 1 as -infinity
        sql += " and this.release_date is not null"
    return page(sql, params, NEWEST, first, after, name=f"{whose}.releases")


def new_releases(first: int, after: str | None) -> Found:
    """Newest first, then by popularity; undated ones and those of the future are no news."""
    order = (NEWEST[0], *POPULAR)
    return page("from release this where this.release_date <= current_date", (), order, first, after, name="new")


def releases_of_track(first: int) -> Found:
    """The releases that a recording is on, oldest first: the first one is where it came out."""
    order = (Order("coalesce(this.release_date, 'infinity'::date)", "date"), Order("this.id", "int"))
    return top(
        "from release this join release_track rt on rt.release_id = this.id where rt.track_id = parent.id",
        (),
        order,
        first,
    )


def tracks_of_release(edition: int | None, first: int) -> Found:
    """In playing order, unknown positions last; an edition's own numbering when one of this release is named.

    Rows are tracks with `disc_number` and `track_number` beside their own columns.
    """
    order = (
        Order("coalesce(this.disc_number, 32767)", "int"),
        Order("coalesce(this.track_number, 32767)", "int"),
        Order("this.id", "int"),
    )
    if edition is None:
        numbered = "release_track rt"
        numbers, params = "rt.disc_number, rt.track_number", tuple[int, ...]()
    else:
        numbered = (
            "release_track rt left join edition e on e.id = $1::int and e.release_id = rt.release_id "
            "left join edition_track et on et.edition_id = e.id and et.track_id = rt.track_id"
        )
        numbers = (
            "case when e.id is null then rt.disc_number else et.disc_number end as disc_number, "
            "case when e.id is null then rt.track_number else et.track_number end as track_number"
        )
        params = (edition,)
    sql = (
        f"from (select t.*, {numbers} from {numbered} join track t on t.id = rt.track_id "
        f"where rt.release_id = parent.id) this where true"
    )
    return top(sql, params, order, first, maximum=MAX_RELEASE_TRACKS)


def edition_shown(edition: int | None) -> Found:
    """The number of the edition, if it is one of this release: the echo of what numbering was asked for."""
    return Found(
        "from (select e.id as value, e.release_id from edition e) this "
        "where this.value = $1::int and this.release_id = parent.id",
        (edition,),
    )


def editions_of_release(first: int, after: str | None) -> Found:
    order = (Order("coalesce(this.release_date, 'infinity'::date)", "date"), Order("this.id", "int"))
    return page("from edition this where this.release_id = parent.id", (), order, first, after, name="editions")


def distinct_editions_of_release() -> Found:
    """At most 20 editions that differ in kind, format, year, label, country or size: not one pressing twenty times."""
    different = (
        "kind, format, label, country, track_count, source, extract(year from release_date), coalesce(official, true)"
    )
    return top(
        f"from (select distinct on ({different}) * from edition where release_id = parent.id "
        f"order by {different}, release_date, id) this where true",
        (),
        (Order("coalesce(this.release_date, 'infinity'::date)", "date"), Order("this.id", "int")),
        MAX_EDITIONS,
    )


def artists_of_label(first: int, after: str | None) -> Found:
    """Artists with releases on the label, most of them first; `label_release_count` counts those alone.

    Of a label with more than `CANDIDATES` releases the newest count.
    """
    order = (Order("this.label_release_count", "int", desc=True), Order("this.id", "int"))
    counted = (
        "select artist_id, count(*)::int as n from (select artist_id from release where label_id = parent.id "
        f"order by {_BY_DATE} limit {CANDIDATES}) r group by artist_id"
    )
    return page(
        f"from (select a.*, c.n as label_release_count from ({counted}) c join artist a on a.id = c.artist_id) this "
        "where true",
        (),
        order,
        first,
        after,
        name="label.artists",
    )


def tracks_of_artist(first: int, after: str | None) -> Found:
    """Most popular first, whatever the artist's role; of more than `CANDIDATES` the last ones added."""
    sql = f"from {_looked_up(_of_artist('parent.id'))} where true"
    return page(sql, (), POPULAR, first, after, name="artist.tracks")


def recordings_of_work(first: int, after: str | None) -> Found:
    """Most popular first; of more than `CANDIDATES` the last ones added."""
    candidates = (
        f"select track_id from work_recording where work_id = parent.id order by track_id desc limit {CANDIDATES}"
    )
    return page(f"from {_looked_up(candidates)} where true", (), POPULAR, first, after, name="work.recordings")


def recordings_of_iswc(first: int) -> Found:
    """Recordings of every work with this code, most popular first."""
    candidates = (
        "select distinct r.track_id from iswc i cross join lateral (select wr.track_id from work_recording wr "
        f"where wr.work_id = i.work_id order by wr.track_id desc limit {CANDIDATES}) r where i.code = parent.code"
    )
    return top(f"from {_looked_up(candidates)} where true", (), POPULAR, first, maximum=200)


def _looked_up(candidates: str) -> str:
    """FROM items: `this`, the track of each row of `candidates`, which selects `track_id`.

    OFFSET 0 keeps the planner from joining: it knows the number of candidates of an average row alone, and for a genre
    of one track it would read a million to find it.
    """
    return f"({candidates}) c cross join lateral (select * from track where id = c.track_id offset 0) this"


def _of_artist(artist: str) -> str:
    rows = f"select distinct track_id from track_artist where artist_id = {artist}"
    return f"{rows} order by track_id desc limit {CANDIDATES}"


def _of_label(label: str, year: str | None) -> str:
    """Tracks of the label's newest releases.

    A track first released in a year can be on a later release of the label or an undated one, not on an earlier one:
    releases of that year come first, then later ones, then those without a date.
    """
    releases = f"select id from release where label_id = {label}"
    if year is None:
        releases += f" order by {_BY_DATE} limit {CANDIDATES}"
    else:
        dated = f"{releases} and {_DATE} >= make_date({year}, 1, 1) order by {_DATE}, id limit {CANDIDATES}"
        releases = f"({dated}) union all ({releases} and {_DATE} = '-infinity' limit {CANDIDATES})"
    return (
        f"select distinct n.track_id from (select rt.track_id from ({releases}) r cross join lateral "
        f"(select track_id from release_track where release_id = r.id offset 0) rt limit {CANDIDATES}) n"
    )


def links_of_track(platforms: list[Platform] | None) -> Found:
    order = (Order("this.source", "int"), Order('this.external_id collate "C"', "text"))
    if platforms is None:
        return Found("from platform_link this where this.track_id = parent.id", order=order)
    sources = [platform.value for platform in platforms]
    return Found(
        "from platform_link this where this.track_id = parent.id and this.source = any($1::int[])", (sources,), order
    )


def subgenres() -> Found:
    return Found("from genre this where this.parent_id = parent.id", order=(Order("this.id", "int"),))


def genres() -> Found:
    """Every genre, main ones before their subgenres."""
    return Found("from genre this where true", order=(Order("this.id", "int"),))


def tracks(  # noqa: PLR0913  # the conditions of a browse, each optional
    *,
    label_id: int | None,
    artist_id: int | None,
    genre: str | None,
    genre_id: int | None,
    year: int | None,
    first: int,
    after: str | None,
    randomize: bool,
) -> Found:
    """Tracks that fit all conditions given, newest first; `randomize` samples the 1,000 most popular instead.

    At most `CANDIDATES` tracks of an artist or label are looked at, and for a sample of a genre or year the newest
    `SAMPLE_CANDIDATES`.
    """
    if label_id is None and artist_id is None and genre is None and genre_id is None and year is None:
        raise Invalid("one of labelId, artistId, genre, genreId or year is needed", "labelId")
    if genre is not None and genre_id is not None:
        raise Invalid("genre and genreId exclude each other", "genre")
    if year is not None and not 1 <= year <= 9999:  # noqa: PLR2004  # what a date can hold
        raise Invalid("year: must be 1 to 9999", "year")
    wanted = _Wanted(label_id, artist_id, genre, genre_id, year)
    if randomize:
        popular = (
            f"select this.* from {_looked_up(wanted.candidates())} where {wanted.filters()} "
            f"order by this.popularity desc, this.id limit {SAMPLED}"
        )
        if after is not None:
            raise Invalid("after: a random sample has no second page", "after")
        # Cut here as well: what is behind the sample is no next page.
        drawn = f"select s.*, random() as chance from ({popular}) s order by chance limit {int(first)}"
        return top(f"from ({drawn}) this where true", wanted.params, (Order("this.chance", "float8"),), first)
    if wanted.artist or wanted.label:
        source, order, where = _looked_up(wanted.candidates()), NEWEST_TRACKS, wanted.filters()
    elif wanted.genre:
        # The outer join costs nothing and spares a count the look-ups: what no column is taken of is not joined.
        source = "track_genre tg left join track this on this.id = tg.track_id"
        order, where = NEWEST_OF_GENRE, f"tg.genre_id = {wanted.genre} and {wanted.in_year('tg.released')}"
    else:
        source, order, where = "track this", NEWEST_TRACKS, wanted.in_year("this.released")
    return page(f"from {source} where {where}", wanted.params, order, first, after, name="tracks")


class _Wanted:
    """The conditions of a browse in SQL: "" for one that is not there."""

    def __init__(
        self, label_id: int | None, artist_id: int | None, genre: str | None, genre_id: int | None, year: int | None
    ) -> None:
        self.params: list[object] = []
        self.label = self._merged(EntityKind.LABEL, label_id)
        self.artist = self._merged(EntityKind.ARTIST, artist_id)
        self.genre, self.year = self._mark(genre_id, "int"), self._mark(year, "int")
        if name := self._mark(genre, "text"):
            self.genre = f"(select g.id from genre g where lower(g.name) = lower({name}) order by g.id limit 1)"

    def _mark(self, value: object, kind: str) -> str:
        if value is None:
            return ""
        self.params.append(value)
        return f"${len(self.params)}::{kind}"

    def _merged(self, kind: EntityKind, number: int | None) -> str:
        """A number, or that of the row which took its place."""
        if not (mark := self._mark(number, "int")):
            return ""
        led_on = f"select d.new_id from redirect d where d.kind = {kind.value} and d.old_id = {mark}"
        return f"coalesce(({led_on}), {mark})"

    def in_year(self, released: str) -> str:
        if not self.year:
            return "true"
        days = f"make_date({self.year}, 1, 1) and make_date({self.year}, 12, 31)"
        return f"coalesce({released}, '-infinity'::date) between {days}"

    def candidates(self) -> str:
        """Tracks by the condition that fits the fewest."""
        if self.artist:
            return _of_artist(self.artist)
        if self.label:
            return _of_label(self.label, self.year or None)
        if self.genre:
            rows, track_id = f"track_genre where genre_id = {self.genre} and", "track_id"
        else:
            rows, track_id = "track where", "id"
        return (
            f"select {track_id} as track_id from {rows} {self.in_year('released')} "
            f"order by coalesce(released, '-infinity'::date) desc, {track_id} desc limit {SAMPLE_CANDIDATES}"
        )

    def filters(self) -> str:
        """What candidates have to fit besides."""
        filters = [self.in_year("this.released")]
        if self.genre and (self.artist or self.label):
            filters.append(
                f"exists (select from track_genre tg where tg.track_id = c.track_id and tg.genre_id = {self.genre})"
            )
        if self.label and self.artist:
            filters.append(
                "exists (select from release_track rt join release r on r.id = rt.release_id "
                f"where rt.track_id = c.track_id and r.label_id = {self.label})"
            )
        return " and ".join(filters)
