"""What a track costs on disk, by table and index."""

import typer

from benchmarks.database import connected

SIZES = """
select c.relname as table, i.relname as index, pg_relation_size(coalesce(i.oid, c.oid)) as bytes, c.reltuples as rows
from pg_class c left join lateral (
  select null::oid as oid, null::name as relname union all
  select x.oid, x.relname from pg_index p join pg_class x on x.oid = p.indexrelid where p.indrelid = c.oid) i on true
where c.relnamespace = 'catalog'::regnamespace and c.relkind = 'r'
order by sum(pg_relation_size(coalesce(i.oid, c.oid))) over (partition by c.oid) desc, c.relname, i.relname nulls first
"""


async def print_sizes(dsn: str) -> None:
    connection = await connected(dsn)
    try:
        tracks = await connection.fetchval("select count(*) from track")
        rows = await connection.fetch(SIZES)
    finally:
        await connection.close()
    total = sum(row["bytes"] for row in rows)
    typer.echo(f"\n{tracks:,} tracks, bytes and rows a track:")
    for row in rows:
        a_track = row["bytes"] / tracks
        if a_track >= 0.5:
            name = f"  {row['index']}" if row["index"] else f"{row['table']} ({row['rows'] / tracks:.2f} rows)"
            typer.echo(f"{a_track:8.1f}  {name}")
    typer.echo(f"{total / tracks:8.1f}  in total, of which indexes "
               f"{sum(row['bytes'] for row in rows if row['index']) / tracks:.1f}")  # fmt: skip
