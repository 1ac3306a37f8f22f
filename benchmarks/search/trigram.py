"""The usual way for comparison: one trigram index (pg_trgm) over artist and title, what is most alike comes first."""

import json
from collections.abc import Sequence
from typing import Any

import asyncpg

from benchmarks.processes import cpu_seconds
from sonograph.catalog.names import query_tokens

INDEX = "benchmark_track_trigram"
WORDS = "(title_key || ' ' || search_text)"
READ = f"""
select coalesce(json_agg(id), '[]') from (
  select id from track where {WORDS} % $1 order by similarity({WORDS}, $1) desc, popularity desc limit 20) t
"""


async def trigram(
    connection: asyncpg.Connection, asked: Sequence[tuple[str, str, frozenset[int]]]
) -> tuple[float, list[float], int]:
    """Recall of the first hit, ms of CPU of each query, bytes of the index; the index is dropped at the end."""
    await connection.execute("create extension if not exists pg_trgm schema public")
    await connection.execute("set search_path = catalog, public")
    await connection.execute(f"create index if not exists {INDEX} on track using gin({WORDS} gin_trgm_ops)")
    try:
        size: Any = await connection.fetchval("select pg_relation_size($1::regclass)", INDEX)
        backend, right, cpu = connection.get_server_pid(), 0, list[float]()
        for artist, title, same in asked:
            began = cpu_seconds([backend])
            found = json.loads(await connection.fetchval(READ, " ".join(query_tokens(artist, title))))
            cpu.append((cpu_seconds([backend]) - began) * 1000)
            right += found[:1] != [] and found[0] in same
    finally:
        await connection.execute(f"drop index {INDEX}")
    return right / len(asked), cpu, int(size)
