"""An account that has been in use for a while, for tests and screenshots."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from sonograph import clock
from sonograph.accounts import entitlements, keyring, sessions, suggestions
from tests.pages.aired import Aired, air
from tests.pages.visitors import Person

ENDPOINTS = (
    ("GET /v1/tracks/isrc/{isrc}", 420),
    ("GET /v1/tracks/search", 260),
    ("query track", 180),
    ("GET /v1/artists/{id}/releases", 75),
    ("POST /v1/tracks/resolve", 40),
)


@dataclass(frozen=True, slots=True)
class Furnished:
    """Numbers of what is there."""

    keys: list[int]
    suggestions: list[int]
    aired: Aired


def furnish(database_url: str, person: Person) -> Furnished:
    """Keys of every state, usage of this month, suggestions of every status, streams that have been watched."""
    return asyncio.run(_furnish(database_url, person))


async def _furnish(database_url: str, person: Person) -> Furnished:
    async with asyncpg.create_pool(
        database_url, min_size=1, max_size=2, server_settings={"search_path": "accounts"}
    ) as pool:
        keys = await _keys(pool, person.account_id)
        await _usage(pool, person.account_id, keys)
        suggested = await _suggestions(pool, person.account_id)
        await entitlements.set_streams(pool, person.account_id, 2, clock.now())
        await sessions.create(
            pool, person.account_id, address=None, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/605.1"
        )
        return Furnished(keys, suggested, await air(pool, person.account_id))


async def _keys(pool: asyncpg.Pool, account_id: int) -> list[int]:
    made = []
    for name, test, scopes in (("Website", False, None), ("Laptop", True, None), ("Nightly job", False, ["read"])):
        key, _ = await keyring.create_key(pool, account_id, name=name, test=test, scopes=scopes)
        made.append(key.id)
    await keyring.rotate_key(pool, account_id, made[0], overlap=timedelta(days=7))
    old, _ = await keyring.create_key(pool, account_id, name="Old script", test=True)
    await keyring.revoke_key(pool, account_id, old.id)
    return made


async def _usage(pool: asyncpg.Pool, account_id: int, keys: list[int]) -> None:
    """Every day of the last four weeks, more on some weekdays than on others."""
    today = clock.now().date()
    rows = []
    for back in range(28):
        day = today - timedelta(days=back)
        for place, (endpoint, usual) in enumerate(ENDPOINTS):
            requests = usual * (12 - (day.toordinal() * 5 + place * 3) % 9) // 10
            refused = requests // 6 if day.toordinal() % 7 == place else 0
            rows.append((account_id, day, keys[place % 2], endpoint, requests, refused, requests - refused))
    await pool.executemany("insert into usage_day values ($1, $2, $3, $4, $5, $6, $7)", rows)
    await pool.execute(
        "insert into credit_month (account_id, month, used) values ($1, $2, $3)",
        account_id,
        today.replace(day=1),
        sum(row[6] for row in rows if row[1].month == today.month),
    )


async def _suggestions(pool: asyncpg.Pool, account_id: int) -> list[int]:
    """Three for tracks of the sandbox: approved, rejected, and one that waits."""
    tracks = [row[0] for row in await pool.fetch("select id from sandbox.track order by popularity desc, id limit 3")]
    names = ["Disco", "Techno", "Trance"]
    genres = [
        row[0]
        for row in await pool.fetch("select min(id) from sandbox.genre where name = any($1) group by name", names)
    ]
    made = []
    for track, genre in zip(tracks, genres, strict=True):
        note = "From the label's own site"
        one = await suggestions.create_suggestion(
            pool, account_id, test=True, track_id=track, genre_id=genre, note=note
        )
        made.append(one.id)
    async with pool.acquire() as connection:
        for number, status, reason in (
            (made[0], suggestions.SuggestionStatus.APPROVED, None),
            (made[1], suggestions.SuggestionStatus.REJECTED, "The label files it elsewhere."),
        ):
            await suggestions.review(connection, number, status, "reviewer@example.org", reason, test=True)
    return made
