"""Every list of the API, asked of the row that has the longest one, on its first page and far behind it."""

from typing import Any

import asyncpg

from benchmarks.search.documents import Ask

# What has most of what: the ids that the reads below are asked of.
LARGEST = {
    "artist by releases": "select artist_id from release group by 1 order by count(*) desc, 1 limit 1",
    "artist by tracks": "select artist_id from track_artist group by 1 order by count(*) desc, 1 limit 1",
    "label": "select label_id from release group by 1 order by count(*) desc, 1 limit 1",
    "release": "select release_id from release_track group by 1 order by count(*) desc, 1 limit 1",
    "work": "select work_id from work_recording group by 1 order by count(*) desc, 1 limit 1",
    "genre": "select genre_id from track_genre group by 1 order by count(*) desc, 1 limit 1",
    "rare genre": "select genre_id from track_genre group by 1 order by count(*), 1 limit 1",
}
TRACK = "databaseId title artistCredit isrc"
RELEASE = "databaseId title releaseDate"
PAGE = "(first: 100, after: $after)"


def _of(kind: str, number: int, field: str, inner: str) -> str:
    return (
        f"query ($after: String) {{ {kind}(by: {{databaseId: {number}}}) "
        f"{{ {field} {{ nodes {{ {inner} }} nextCursor }} }} }}"
    )


def _browse(conditions: str, first: int = 100) -> str:
    return (
        f"query ($after: String) {{ browseTracks({conditions}, first: {first}, after: $after) "
        f"{{ nodes {{ {TRACK} }} nextCursor }} }}"
    )


async def lists(connection: asyncpg.Connection) -> dict[str, Ask]:
    """Reads by name; those whose document takes `$after` can be turned over."""
    ids: dict[str, int] = {name: await connection.fetchval(sql) for name, sql in LARGEST.items()}
    iswc = await connection.fetchval("select code from iswc where work_id = $1", ids["work"])
    of_artist, of_label, genre = ids["artist by releases"], ids["label"], ids["genre"]
    by_tracks, rare = ids["artist by tracks"], ids["rare genre"]
    bounded = PAGE.replace("(", '(since: "2001-01-01", until: "2010-12-31", ').replace("since", "from")
    read = {
        "artist.releases": _of("artist", of_artist, f"releases{PAGE}", RELEASE),
        "artist.releases, ten years": _of("artist", of_artist, f"releases{bounded}", RELEASE),
        "artist.tracks": _of("artist", by_tracks, f"tracks{PAGE}", TRACK),
        "label.releases": _of("label", of_label, f"releases{PAGE}", RELEASE),
        "label.artists": _of("label", of_label, f"artists{PAGE}", "databaseId name releaseCount"),
        "label.artistCount": f"{{ label(by: {{databaseId: {of_label}}}) {{ artistCount }} }}",
        "work.recordings": _of("work", ids["work"], f"recordings{PAGE}", TRACK),
        "iswc.recordings": f'{{ iswc(code: "{iswc}") {{ recordingCount recordings(first: 200) {{ {TRACK} }} }} }}',
        "release.tracks": (
            f"{{ release(by: {{databaseId: {ids['release']}}}) {{ tracks(first: 1000) {{ databaseId }} }} }}"
        ),
        "newReleases": f"query ($after: String) {{ newReleases{PAGE} {{ nodes {{ {RELEASE} }} nextCursor }} }}",
        "genres": "{ genres { databaseId name } }",
        "totalCount of artist.releases": (
            f"{{ artist(by: {{databaseId: {of_artist}}}) {{ releases {{ totalCount }} tracks {{ totalCount }} }} }}"
        ),
        "totalCount of label.releases": (
            f"{{ label(by: {{databaseId: {of_label}}}) {{ releases {{ totalCount }} artists {{ totalCount }} }} }}"
        ),
        "totalCount of work.recordings": (
            f"{{ work(by: {{databaseId: {ids['work']}}}) {{ recordings {{ totalCount }} }} }}"
        ),
        "totalCount of browse by genre": f"{{ browseTracks(genreId: {genre}) {{ totalCount }} }}",
        "totalCount of browse by year": "{ browseTracks(year: 2024) { totalCount } }",
        "totalCount of newReleases": "{ newReleases { totalCount } }",
    }
    conditions = {
        "genre": f"genreId: {genre}",
        "rare genre": f"genreId: {rare}",
        "year": "year: 2024",
        "old year": "year: 1962",
        "artist": f"artistId: {by_tracks}",
        "various artists": f"artistId: {of_artist}",
        "label": f"labelId: {of_label}",
        "genre, year": f"genreId: {genre}, year: 2015",
        "rare genre, year": f"genreId: {rare}, year: 2015",
        "artist, year": f"artistId: {by_tracks}, year: 2015",
        "artist, genre": f"artistId: {by_tracks}, genreId: {genre}",
        "artist, rare genre": f"artistId: {by_tracks}, genreId: {rare}",
        "label, year": f"labelId: {of_label}, year: 2015",
        "label, genre": f"labelId: {of_label}, genreId: {genre}",
        "label, rare genre": f"labelId: {of_label}, genreId: {rare}",
        "artist, label": f"artistId: {by_tracks}, labelId: {of_label}",
        "artist, label, genre, year": f"artistId: {by_tracks}, labelId: {of_label}, genreId: {genre}, year: 2015",
    }
    for name, condition in conditions.items():
        read[f"browse by {name}"] = _browse(condition)
        read[f"random by {name}"] = _browse(f"{condition}, randomize: true")
    return {name: Ask(text, {}) for name, text in read.items()}


def turns_pages(ask: Ask) -> bool:
    return "$after" in ask.text and "randomize" not in ask.text


def next_cursor(value: Any) -> str | None:
    """The cursor in an answer that has one."""
    if isinstance(value, dict):
        own = value.get("nextCursor")
        return own if isinstance(own, str) else next(filter(None, map(next_cursor, value.values())), None)
    return None
