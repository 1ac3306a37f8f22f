"""Finds of lists: what belongs to a row, what is new, what fits a few plain conditions."""

from datetime import date

from sonograph.catalog.vocabulary import Platform
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

MAX_RELEASE_TRACKS = 1000
MAX_EDITIONS = 20  # of the genuinely different ones
CANDIDATES = 20_000  # rows that a browse looks at where no index has its order; 20,000 key look-ups take about 30 ms
SAMPLED = 1000  # the most popular ones, of which a random browse takes its sample


def releases_of_artist(first: int, after: str | None, since: date | None, until: date | None) -> Found:
    """Newest first; undated ones last, and left out when either bound is set."""
    return _releases("this.artist_id = parent.id", first, after, since, until)


def releases_of_label(first: int, after: str | None, since: date | None, until: date | None) -> Found:
    """Newest first; undated ones last, and left out when either bound is set."""
    return _releases("this.label_id = parent.id", first, after, since, until)


def _releases(whose: str, first: int, after: str | None, since: date | None, until: date | None) -> Found:
    sql, params = f"from release this where {whose}", list[date]()
    for value, compare in ((since, ">="), (until, "<=")):
        if value is not None:
            params.append(value)
            # The sort expression itself, so that a bound is a range of the index and not a filter on its rows.
            sql += f" and coalesce(this.release_date, '-infinity'::date) {compare} ${len(params)}::date"
    if until is not None and since is None:
        sql += " and this.release_date is not null"
    return page(sql, params, NEWEST, first, after)


def new_releases(first: int, after: str | None) -> Found:
    """Newest first, then by popularity; undated ones and those of the future are no news."""
    order = (NEWEST[0], *POPULAR)
    return page("from release this where this.release_date <= current_date", (), order, first, after)


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
    return page("from edition this where this.release_id = parent.id", (), order, first, after)


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
    """Artists with releases on the label, most of them first; `label_release_count` counts those alone."""
    order = (Order("this.label_release_count", "int", desc=True), Order("this.id", "int"))
    counted = "select artist_id, count(*)::int as n from release where label_id = parent.id group by artist_id"
    return page(
        f"from (select a.*, c.n as label_release_count from ({counted}) c join artist a on a.id = c.artist_id) this "
        "where true",
        (),
        order,
        first,
        after,
    )


def tracks_of_artist(first: int, after: str | None) -> Found:
    """Most popular first, whatever the artist's role."""
    return page(
        "from track this where this.id in (select ta.track_id from track_artist ta where ta.artist_id = parent.id)",
        (),
        POPULAR,
        first,
        after,
    )


def recordings_of_work(first: int, after: str | None) -> Found:
    return page(
        "from track this join work_recording wr on wr.track_id = this.id where wr.work_id = parent.id",
        (),
        POPULAR,
        first,
        after,
    )


def recordings_of_iswc(first: int) -> Found:
    """Recordings of every work with this code, most popular first."""
    return top(
        "from track this where this.id in (select wr.track_id from work_recording wr "
        "join iswc c on c.work_id = wr.work_id where c.code = parent.code)",
        (),
        POPULAR,
        first,
        maximum=200,
    )


def links_of_track(platforms: list[Platform] | None) -> Found:
    order = (Order("this.source", "int"), Order("this.external_id", "text"))
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


def tracks(  # noqa: C901, PLR0913  # the conditions of a browse, each optional
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
    """Tracks that fit all conditions given, newest first; `randomize` samples the 1,000 most popular instead."""
    if label_id is None and artist_id is None and genre is None and genre_id is None and year is None:
        raise Invalid("one of labelId, artistId, genre, genreId or year is needed", "labelId")
    if genre is not None and genre_id is not None:
        raise Invalid("genre and genreId exclude each other", "genre")
    if year is not None and not 1 <= year <= 9999:  # noqa: PLR2004  # what a date can hold
        raise Invalid("year: must be 1 to 9999", "year")
    params: list[object] = []

    def mark(value: object, kind: str) -> str:
        params.append(value)
        return f"${len(params)}::{kind}"

    filters, source, order = [], "track this", NEWEST_TRACKS
    if genre is not None:
        genre_of = (
            f"(select g.id from genre g where lower(g.name) = lower({mark(genre, 'text')}) order by g.id limit 1)"
        )
    elif genre_id is not None:
        genre_of = mark(genre_id, "int")
    else:
        genre_of = ""
    if genre_of:
        source, order = "track this join track_genre tg on tg.track_id = this.id", NEWEST_OF_GENRE
        filters.append(f"tg.genre_id = {genre_of}")
    if year is not None:
        released = order[0].sql
        filters.append(
            f"{released} between make_date({mark(year, 'int')}, 1, 1) and make_date(${len(params)}::int, 12, 31)"
        )
    if artist_id is not None:
        filters.append(
            "this.id in (select ta.track_id from track_artist ta "
            f"where ta.artist_id = {mark(artist_id, 'int')} limit {CANDIDATES})"
        )
    if label_id is not None:
        filters.append(
            "this.id in (select rt.track_id from release r join release_track rt on rt.release_id = r.id "
            f"where r.label_id = {mark(label_id, 'int')} limit {CANDIDATES})"
        )
    where = " and ".join(filters)
    if not randomize:
        return page(f"from {source} where {where}", params, order, first, after)
    popular = (
        f"select c.* from (select this.* from {source} where {where} limit {CANDIDATES}) c "
        f"order by c.popularity desc, c.id limit {SAMPLED}"
    )
    sampled = f"select s.*, random() as chance from ({popular.replace('this', 'q')}) s"
    return top(f"from ({sampled}) this where true", params, (Order("this.chance", "float8"),), first)
