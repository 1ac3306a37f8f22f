"""How `sonograph catalog stats` shows what a catalog holds."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from sonograph.catalog.statistics.store import Number, Statistics

_MEBI = 1 << 20
_TABLES_SHOWN = 12


def show_statistics(stats: Statistics, console: Console) -> None:
    """Tables of counts, shares, sizes, imports and merges. `~` marks what was estimated."""
    show = console.print
    show(_table("Rows", ((kind, _number(number)) for kind, number in stats.kinds.items())))
    show(_table("By source", ((f"{o.kind} of {o.origin} ({o.licence})", _number(o.rows)) for o in stats.origins)))
    shares = stats.tracks
    of = f"a sample of {shares.looked_at:,}" if shares.sampled else f"all {shares.looked_at:,}"
    show(
        _table(
            f"Of a hundred tracks, out of {of}", ((f"with {name}", f"{n:.1f}") for name, n in shares.percent.items())
        )
    )
    show(_table("… popularity told by", ((name, f"{n:.1f}") for name, n in shares.popularity_of.items())))
    show(_table("… linked to", ((name, f"{n:.1f}") for name, n in shares.links.items())))
    a_track = f", {stats.bytes_a_track:,} bytes a track" if stats.bytes_a_track else ""
    show(
        _table(
            f"On disk: {stats.total_bytes / _MEBI:,.0f} MiB{a_track}",
            (
                (
                    f"{size.table} (rows {_number(size.rows)})",
                    f"{size.table_bytes / _MEBI:,.1f} + {size.index_bytes / _MEBI:,.1f}",
                )
                for size in stats.sizes[:_TABLES_SHOWN]
            ),
            "MiB, tables + indexes",
        )
    )
    if stats.imports:
        show(
            _table(
                "Last imports",
                (
                    (
                        f"{run.kind} {run.path}",
                        f"{run.finished_at:%Y-%m-%d %H:%M}, {run.items:,} items" if run.finished_at else "not finished",
                    )
                    for run in stats.imports
                ),
            )
        )
    if stats.merges:
        show(_table("Merged", ((f"{m.kind}s that were {_number(m.members)}", _number(m.rows)) for m in stats.merges)))


def _number(number: Number) -> str:
    return f"{'~' if number.estimated else ''}{number.value:,}"


def _table(title: str, rows: Iterable[tuple[str, str]], caption: str | None = None) -> Table:
    table = Table(
        title=title, title_justify="left", show_header=False, box=None, caption=caption, caption_justify="left"
    )
    table.add_column(min_width=40)
    table.add_column(justify="right")
    for row in rows:
        table.add_row(*row)
    return table
