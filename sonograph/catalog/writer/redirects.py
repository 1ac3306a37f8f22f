"""Redirects: one id of the source was merged into another, so one row takes in what the other had."""

from collections.abc import Collection, Sequence

import asyncpg

from sonograph.catalog.records import RedirectRecord
from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.artists import delete_named
from sonograph.catalog.writer.groups import regroup
from sonograph.catalog.writer.intake import Entry
from sonograph.catalog.writer.merged import touch
from sonograph.catalog.writer.merged_again import dissolve_tracks, rekey
from sonograph.catalog.writer.merged_references import part_named
from sonograph.catalog.writer.merged_releases import dissolve_releases
from sonograph.catalog.writer.merged_works import part_works
from sonograph.catalog.writer.outcome import Outcome
from sonograph.catalog.writer.popularity import carry_popularity
from sonograph.catalog.writer.releases import ReleaseWriter
from sonograph.catalog.writer.rows import delete
from sonograph.catalog.writer.source_ids import MERGED, SourceIds, redirect
from sonograph.catalog.writer.tracks import date_tracks

_MOVES = "with m as (select * from unnest($1::int[], $2::int[]) m(old, new)) "
# What moves with a row, per kind. Rows that the new one has already stay with the old one, and go with it.
_STATEMENTS = {
    EntityKind.ARTIST: (
        "update track_artist t set artist_id = m.new from m where t.artist_id = m.old",
        "update release r set artist_id = m.new from m where r.artist_id = m.old",
        ("update artist a set release_count = (select count(*) from release r where r.artist_id = a.id) "
        "where a.id in (select new from m)"),
    ),
    EntityKind.LABEL: (
        "update release r set label_id = m.new from m where r.label_id = m.old",
        ("update label l set release_count = (select count(*) from release r where r.label_id = l.id) "
        "where l.id in (select new from m)"),
        ("update label_key k set release_count = l.release_count from label l "
        "where l.id = k.label_id and l.id in (select new from m)"),
    ),
    EntityKind.WORK: (
        ("insert into work_recording select m.new, w.track_id from m join work_recording w on w.work_id = m.old "
        "on conflict do nothing"),
        "insert into iswc select m.new, i.code from m join iswc i on i.work_id = m.old on conflict do nothing",
        "delete from work_recording w using m where w.work_id = m.old",
    ),
    EntityKind.TRACK: (
        ("insert into release_track select t.release_id, m.new, t.disc_number, t.track_number "
        "from m join release_track t on t.track_id = m.old on conflict do nothing"),
        ("insert into edition_track select t.edition_id, m.new, t.disc_number, t.track_number "
        "from m join release_track rt on rt.track_id = m.old join edition e on e.release_id = rt.release_id "
        "join edition_track t on t.edition_id = e.id and t.track_id = m.old on conflict do nothing"),
        ("insert into isrc select m.new, false, i.code from m join isrc i on i.track_id = m.old "
        "on conflict do nothing"),
        ("update isrc i set preferred = true from m where i.track_id = m.new "
        "and not exists (select from isrc p where p.track_id = m.new and p.preferred) "
        "and i.code = (select min(c.code) from isrc c where c.track_id = m.new)"),
        ("insert into platform_link select m.new, l.source, l.external_id "
        "from m join platform_link l on l.track_id = m.old where not exists (select from platform_link p "
        "where p.track_id = m.new and p.source = l.source and p.external_id = l.external_id)"),
        ("insert into work_recording select w.work_id, m.new from m join work_recording w on w.track_id = m.old "
        "on conflict do nothing"),
        ("delete from edition_track t using m, release_track rt, edition e "
        "where rt.track_id = m.old and e.release_id = rt.release_id and t.edition_id = e.id and t.track_id = m.old"),
        "delete from release_track t using m where t.track_id = m.old",
        ("update release r set track_count = (select count(*) from release_track t where t.release_id = r.id) "
        "where r.id in (select t.release_id from m join release_track t on t.track_id = m.new)"),
    ),
}  # fmt: skip


async def write_redirects(
    connection: asyncpg.Connection,
    origin: int,
    ids: SourceIds,
    outcome: Outcome,
    entries: Sequence[Entry[RedirectRecord]],
) -> None:
    """Carry out redirects in order. One that is carried out already is unchanged; an unknown target is refused."""
    for kind in (EntityKind.ARTIST, EntityKind.LABEL, EntityKind.WORK, EntityKind.TRACK, EntityKind.RELEASE):
        chosen = [entry for entry in entries if EntityKind[entry.record.kind.upper()] is kind]
        if not chosen:
            continue
        await ids.load(kind, (source_id for entry in chosen for source_id in (entry.record.id, entry.record.into)))
        await ids.reload(kind, await _part(connection, kind, ids.rows(kind)))
        moves = _moves(kind, ids, outcome, chosen)
        ids.follow(kind, moves)
        pairs = [(old, new) for old, new in moves.items() if old != new]
        if not pairs:
            continue
        if kind is EntityKind.RELEASE:
            merged = await regroup(connection, ids, (), pairs)
            await ReleaseWriter(connection, origin, ids, outcome, merged).write()
        else:
            await _take_in(connection, kind, pairs)


async def _take_in(connection: asyncpg.Connection, kind: EntityKind, pairs: Sequence[tuple[int, int]]) -> None:
    """Let rows (old, new) of one kind become one: what the old one had moves, and it goes."""
    old, new = [old for old, _ in pairs], [new for _, new in pairs]
    for statement in _STATEMENTS[kind]:
        await connection.execute(_MOVES + statement, old, new)
    if kind is EntityKind.ARTIST:
        await carry_popularity(connection, "artist", old, new)
        await delete_named(connection, "artist", old)
    elif kind is EntityKind.LABEL:
        await delete_named(connection, "label", old)
    elif kind is EntityKind.TRACK:
        await carry_popularity(connection, "track", old, new)
        await delete(connection, "track", old)
    else:
        await delete(connection, "work", old)
        await touch(connection, set(new), EntityKind.WORK)
    await redirect(connection, kind, pairs)
    if kind is EntityKind.ARTIST:
        await rekey(connection, set(new))
    if kind is EntityKind.TRACK:
        await date_tracks(connection, sorted(set(new)))


async def _part(connection: asyncpg.Connection, kind: EntityKind, rows: Collection[int]) -> list[int]:
    """What other sources made of these rows is taken apart: the next pass puts it together again."""
    if kind is EntityKind.ARTIST or kind is EntityKind.LABEL:
        return await part_named(connection, kind, rows)
    if kind is EntityKind.TRACK:
        return await dissolve_tracks(connection, rows)
    if kind is EntityKind.WORK:
        return await part_works(connection, rows)
    return await dissolve_releases(connection, rows)


def _moves(
    kind: EntityKind, ids: SourceIds, outcome: Outcome, entries: Sequence[Entry[RedirectRecord]]
) -> dict[int, int]:
    """Old rows and the rows that they end in, chains within the batch followed to their ends."""
    moves: dict[int, int] = {}
    for entry in entries:
        record = entry.record
        before, into = ids.get(kind, record.id), ids.get(kind, record.into)
        if into is None:
            outcome.reject(entry.index, "redirect", f"unknown {record.kind} to redirect to", record.into)
            continue
        target = _end(moves, into.row)
        if before is None:
            ids.put(kind, record.id, target, MERGED)
            outcome.count("redirect", "created")
            continue
        row = _end(moves, before.row)
        if row != target:
            moves[row] = target
        outcome.count("redirect", "unchanged" if before.digest == MERGED and row == target else "created")
        ids.put(kind, record.id, target, MERGED)
    return {old: _end(moves, old) for old in moves}


def _end(moves: dict[int, int], row: int) -> int:
    while row in moves:
        row = moves[row]
    return row
