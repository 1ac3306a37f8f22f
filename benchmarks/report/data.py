"""A scratch database with an account, its streams, and what was heard on them in 92 days."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sonograph.monitoring.partitions import ensure_partitions

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 92
SINCE = UNTIL - timedelta(days=DAYS)
EMAIL = "report@benchmark.invalid"
COPIES = 20  # of the sandbox's tracks, so that there are as many as stations play
LIBRARY = 3_000  # tracks of a station, some of them much more often played than others

# The sandbox's rows in the live catalog, its tracks many times over.
_CATALOG = (
    "insert into catalog.artist select * from sandbox.artist",
    "insert into catalog.label select * from sandbox.label",
    "insert into catalog.release select * from sandbox.release",
    """insert into catalog.track (id, popularity, duration, released, bpm, origin_id, camelot, title, title_key,
    search_text) select id + 10000 * n, popularity, duration, released, bpm, origin_id, camelot, title, title_key,
    search_text from sandbox.track, generate_series(0, $1 - 1) n""",
    """insert into catalog.track_artist (track_id, artist_id, title_signature, position, role, credited_as, join_phrase)
    select track_id + 10000 * n, artist_id, title_signature, position, role, credited_as, join_phrase
    from sandbox.track_artist, generate_series(0, $1 - 1) n""",
    """insert into catalog.release_track (release_id, track_id, disc_number, track_number)
    select release_id, track_id + 10000 * n, disc_number, track_number
    from sandbox.release_track, generate_series(0, $1 - 1) n""",
    """insert into catalog.isrc (track_id, preferred, code)
    select track_id + 10000 * n, preferred, left(code, 5) || lpad((row_number() over ())::text, 7, '0')
    from sandbox.isrc, generate_series(0, $1 - 1) n""",
)
# The array of tracks must not be carried through the sort: with 3 million rows it would take 240 GB.
_PLAYS = """
insert into accounts.play (account_id, stream_id, test, track_id, started_at, heard_until, ended_at, played_ms, confidence)
select $1, x.id, false, x.track, x.at, x.at + x.played, x.at + x.played, extract(epoch from x.played) * 1000, 0.95
from (
  select s.id, t.ids[1 + (s.place * 149 + floor(power(random(), 2) * $5)::int) % array_length(t.ids, 1)] as track,
    $2::timestamptz + n * $4::interval / $3 + s.place * interval '1.7 seconds' as at, $4 / $3 * 0.9 as played
  from generate_series(0, $3 - 1) n, (select array_agg(id) as ids from catalog.track) t,
    (select id, row_number() over (order by id) as place from accounts.stream where account_id = $1) s
  offset 0
) x order by x.at
"""  # noqa: E501


async def filled(connection: Any, streams: int, plays: int) -> int:
    """The account's number; what is missing is made: so many streams, and so many plays of each."""
    account = await connection.fetchval("select id from accounts.account where email = $1", EMAIL)
    if account is not None:
        return int(account)
    account = await connection.fetchval(
        "insert into accounts.account (email, plan, email_verified_at, created_at) "
        "values ($1, 'scale', now(), now()) returning id",
        EMAIL,
    )
    for statement in _CATALOG:
        await (connection.execute(statement, COPIES) if "$1" in statement else connection.execute(statement))
    await connection.execute(
        "insert into accounts.stream (account_id, test, url, name, detection_mode, outage_notifications, created_at, "
        "runtime_status, status_at) select $1, false, 'http://radio.example.net/' || n, 'Radio ' || n, 2, false, $2, "
        "2, $2 from generate_series(1, $3) n",
        account,
        SINCE,
        streams,
    )
    await ensure_partitions(connection, SINCE, ahead=DAYS // 28)
    await connection.execute(_PLAYS, account, SINCE, plays, timedelta(days=DAYS), LIBRARY)
    await connection.execute("vacuum analyze accounts.play")
    await connection.execute("analyze")
    return int(account)
