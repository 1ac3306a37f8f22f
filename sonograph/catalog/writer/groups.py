"""Which release row each record belongs to, before and after a batch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import asyncpg

from sonograph.catalog.records import GroupRecord, ReleaseRecord
from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.consolidate import Consolidated, consolidate
from sonograph.catalog.writer.intake import Entry, pack, unpack
from sonograph.catalog.writer.merged_releases import dissolve_releases
from sonograph.catalog.writer.rows import copy
from sonograph.catalog.writer.source_ids import MENTIONED, SourceIds


@dataclass(slots=True)
class Group:
    """The records of one release row."""

    releases: dict[str, ReleaseRecord] = field(default_factory=dict)  # by the source's id
    group: GroupRecord | None = None

    def copied(self) -> "Group":
        return Group(dict(self.releases), self.group)

    def consolidated(self) -> Consolidated | None:
        """None without a release record: what is known of the group alone makes no release."""
        return consolidate(self.releases.values(), self.group) if self.releases else None


@dataclass(slots=True)
class Regrouping:
    """Groups by release row that a batch touches, as they were and as they become."""

    before: dict[int, Group] = field(default_factory=dict)
    after: dict[int, Group] = field(default_factory=dict)
    moved: list[tuple[str, int, int]] = field(default_factory=list)  # (record id, from row, to row)
    emptied: list[tuple[int, str]] = field(default_factory=list)  # (row, group id) of group records without a group
    written: dict[tuple[int, EntityKind, str], ReleaseRecord | GroupRecord] = field(default_factory=dict)

    def row(self, row: int) -> Group:
        """The group as it becomes, moved to the end: where records contradict each other, the last one read stands."""
        self.after[row] = group = self.after.pop(row, None) or Group()
        return group

    def replacement(self, row: int) -> int | None:
        """The row that most lately took a record of this one, which has none left."""
        return next((to for _, source, to in reversed(self.moved) if source == row), None)


async def load_groups(connection: asyncpg.Connection, rows: Collection[int]) -> Regrouping:
    """The records of these release rows."""
    regrouping = Regrouping()
    if rows:
        for row, kind, source_id, body in await connection.fetch(
            "select release_id, kind, external_id, body from release_record where release_id = any($1) "
            "order by release_id, kind, external_id",
            list(rows),
        ):
            group, record = regrouping.before.setdefault(row, Group()), unpack(body)
            if kind == EntityKind.RELEASE_GROUP and isinstance(record, GroupRecord):
                group.group = record
            elif isinstance(record, ReleaseRecord):
                group.releases[source_id] = record
        regrouping.after = {row: group.copied() for row, group in regrouping.before.items()}
    return regrouping


async def regroup(
    connection: asyncpg.Connection,
    ids: SourceIds,
    entries: Sequence[Entry[ReleaseRecord | GroupRecord]],
    merged: Sequence[tuple[int, int]] = (),
) -> Regrouping:
    """Put changed records where they belong. `merged` are (old, new) rows whose records are to become one release."""
    releases = [entry.record for entry in entries if isinstance(entry.record, ReleaseRecord)]
    groups = [entry.record.id for entry in entries if isinstance(entry.record, GroupRecord)]
    await ids.load(EntityKind.RELEASE, (record.id for record in releases))
    await ids.load(EntityKind.RELEASE_GROUP, (*(r.group for r in releases if r.group), *groups))
    known = [ids.get(EntityKind.RELEASE, record.id) for record in releases]
    known += [ids.get(EntityKind.RELEASE_GROUP, record.group) for record in releases if record.group]
    known += [ids.get(EntityKind.RELEASE_GROUP, source_id) for source_id in groups]
    rows = {*(k.row for k in known if k), *(row for pair in merged for row in pair)}
    parted = await dissolve_releases(connection, rows)
    if parted:
        await ids.reload(EntityKind.RELEASE, parted)
        await ids.reload(EntityKind.RELEASE_GROUP, parted)
        rows = (rows - set(parted)) | ids.rows(EntityKind.RELEASE) | ids.rows(EntityKind.RELEASE_GROUP)
    regrouping = await load_groups(connection, rows)
    members = [
        (source_id, record.group)
        for group in regrouping.before.values()
        for source_id, record in group.releases.items()
    ]
    if merged:
        await ids.load(EntityKind.RELEASE, (source_id for source_id, _ in members))
    for entry in entries:
        if isinstance(entry.record, ReleaseRecord):
            _place(ids, regrouping, entry.record, entry.digest)
        else:
            _note(ids, regrouping, entry.record, entry.digest)
    await ids.load(EntityKind.RELEASE_GROUP, (group for _, group in members if group))
    _forget_emptied(ids, regrouping)
    for old, new in merged:
        _merge(ids, regrouping, old, new)
    await _save(connection, regrouping)
    return regrouping


def _place(ids: SourceIds, regrouping: Regrouping, record: ReleaseRecord, digest: int) -> None:
    known = ids.get(EntityKind.RELEASE, record.id)
    group = ids.get(EntityKind.RELEASE_GROUP, record.group) if record.group else None
    old = regrouping.row(known.row).releases.get(record.id) if known else None
    if known and old and old.group == record.group:
        row = known.row
    elif group:
        row = group.row
    elif known and record.group and old and not old.group:
        row = known.row  # a release of its own becomes the first of a group: its row stays
    else:
        row = ids.new_row(EntityKind.RELEASE)
    if record.group and not group:
        ids.put(EntityKind.RELEASE_GROUP, record.group, row, MENTIONED)
    if known and known.row != row:
        regrouping.row(known.row).releases.pop(record.id, None)
        regrouping.moved.append((record.id, known.row, row))
    regrouping.row(row).releases[record.id] = record
    regrouping.written[row, EntityKind.RELEASE, record.id] = record
    ids.put(EntityKind.RELEASE, record.id, row, digest)


def _note(ids: SourceIds, regrouping: Regrouping, record: GroupRecord, digest: int) -> None:
    known = ids.get(EntityKind.RELEASE_GROUP, record.id)
    row = known.row if known else ids.new_row(EntityKind.RELEASE)
    regrouping.row(row).group = record
    regrouping.written[row, EntityKind.RELEASE_GROUP, record.id] = record
    ids.put(EntityKind.RELEASE_GROUP, record.id, row, digest)


def _forget_emptied(ids: SourceIds, regrouping: Regrouping) -> None:
    """A group whose records all went elsewhere starts anew when it is named again, and not where they are now."""
    for row in {source for _, source, _ in regrouping.moved if not regrouping.after[source].releases}:
        for name in {record.group for record in regrouping.before[row].releases.values() if record.group}:
            known = ids.get(EntityKind.RELEASE_GROUP, name)
            if known and known.row == row:
                ids.drop(EntityKind.RELEASE_GROUP, name)
        if noted := regrouping.after[row].group:
            regrouping.emptied.append((row, noted.id))
            regrouping.after[row].group = None


def _merge(ids: SourceIds, regrouping: Regrouping, old: int, new: int) -> None:
    gone, kept = regrouping.row(old), regrouping.row(new)
    for source_id, record in gone.releases.items():
        kept.releases[source_id] = record
        regrouping.moved.append((source_id, old, new))
        regrouping.written[new, EntityKind.RELEASE, source_id] = record
        known = ids.get(EntityKind.RELEASE, source_id)
        if known and known.row == old:
            ids.put(EntityKind.RELEASE, source_id, new, known.digest)
    gone.releases = {}


async def _save(connection: asyncpg.Connection, regrouping: Regrouping) -> None:
    stale: set[tuple[int, EntityKind, str]] = {
        (row, EntityKind.RELEASE, source_id) for source_id, row, _ in regrouping.moved
    }
    stale.update((row, EntityKind.RELEASE_GROUP, source_id) for row, source_id in regrouping.emptied)
    stale.update(key for key in regrouping.written if key[0] in regrouping.before)
    if stale:
        await connection.execute(
            "delete from release_record r using unnest($1::int[], $2::smallint[], $3::text[]) d(row, kind, id) "
            "where r.release_id = d.row and r.kind = d.kind and r.external_id = d.id",
            [row for row, _, _ in stale], [kind for _, kind, _ in stale], [source_id for _, _, source_id in stale],
        )  # fmt: skip
    await copy(connection, "release_record", _bodies(regrouping))


def _bodies(regrouping: Regrouping) -> Iterable[tuple[int, EntityKind, str, bytes]]:
    for (row, kind, source_id), record in regrouping.written.items():
        group = regrouping.after[row]
        if (kind == EntityKind.RELEASE and source_id in group.releases) or (kind != EntityKind.RELEASE and group.group):
            yield row, kind, source_id, pack(record)
