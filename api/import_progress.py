"""What `sonograph import` shows: a bar with rate and time left while it runs, a table of counts at the end."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from sonograph.catalog.importers.report import Progress, Report

PLAIN_SECONDS = 10.0  # between two lines where there is no terminal to draw on


@contextmanager
def show_import(console: Console) -> Iterator[Callable[[Progress], None]]:
    """A function that draws the progress it is told."""
    if not console.is_terminal:
        yield _plain(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console) as bar:
        tasks = dict[int, int]()

        def tell(step: Progress) -> None:
            if step.file not in tasks:
                name = f"{step.path.name} ({step.file}/{step.files})" if step.files > 1 else step.path.name
                tasks[step.file] = bar.add_task(name, total=step.bytes_total, rate="")
            bar.update(tasks[step.file], completed=step.bytes_read, rate=_rate(step))  # type: ignore[arg-type]  # rich's TaskID is an int

        yield tell


def _plain(console: Console) -> Callable[[Progress], None]:
    last = 0.0

    def tell(step: Progress) -> None:
        nonlocal last
        if step.finished or monotonic() - last > PLAIN_SECONDS:
            last = monotonic()
            share = 100 * step.bytes_read / max(step.bytes_total, 1)
            left = f", {step.seconds_left:.0f} s left" if step.seconds_left and not step.finished else ""
            console.print(f"{step.path.name}: {share:.0f} %, {_rate(step)}{left}", highlight=False, soft_wrap=True)

    return tell


def _rate(step: Progress) -> str:
    read = sum(step.counts.read.values())
    if list(step.counts.read) == ["files"]:  # of audio: seconds each
        known = step.counts.records["file unchanged"] + step.counts.records["file left out before"]
        rate = f", {60 * (read - known) / max(step.seconds, 0.001):,.1f} a minute" if read > known else ""
        return f"{read:,} files{rate}"
    return f"{read:,} read, {read / max(step.seconds, 0.001):,.0f} a second"


EXAMPLES = """Examples, by kind; files may be plain, .gz, .xz or .bz2:

sonograph import musicbrainz release.tar.xz artist.tar.xz label.tar.xz

sonograph import discogs discogs_20200806_releases.xml.gz

sonograph import mlc BWARM_Manifest_PADPIDA0000000000X_20260101000000000.tsv

sonograph import listenbrainz recording.csv artist.csv release_group.csv

sonograph import acoustid 2026-*-update.jsonl.gz

sonograph import jsonl mine.jsonl

sonograph import audio ~/Music

--with-tags is for musicbrainz alone, --jobs, --untagged and --keep-duplicates for audio; other options are for all."""


def show_verdict(kind: str, report: Report, console: Console) -> bool:
    """Name the files of which nothing was kept, most likely because they are of another kind; whether there are any."""
    wrong = [file for file in report.files if file.rejected_whole]
    for file in wrong:
        console.print(
            f"sonograph: nothing of {file.path} could be read as {kind}: "
            f"all {file.rejected_whole:,} records were rejected",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )
    return bool(wrong)


def show_report(report: Report, console: Console) -> None:
    """What was read, what became of it, and what was wrong with it."""
    counts = report.counts
    if report.dry_run:
        console.print("Dry run: this is what an import would do. Nothing was written but rejects.")
    for title, counter in (
        ("Read", counts.read),
        ("Records", counts.records),
        ("New rows", counts.rows),
        ("Notes", counts.notes),
        ("Left out, by reason", counts.rejected),
        ("Kept without what was wrong, by reason", counts.flagged),
    ):
        if counter:
            console.print(_table(title, counter))
    for file in report.files:
        if not file.finished:
            some = "what was read of it is counted above" if file.counts.read.total() else "nothing was read of it"
            console.print(
                f"{file.path.name} was not read to its end; {some}.",
                highlight=False,
                soft_wrap=True,
            )
        if file.resumed_at:
            console.print(f"{file.path.name} went on behind item {file.resumed_at:,}.", highlight=False, soft_wrap=True)
        if file.rejects:
            console.print(
                f"What was left out of {file.path.name} and why: {file.rejects}", highlight=False, soft_wrap=True
            )
        if file.former_rejects:
            console.print(
                f"Records that did not change were not looked at again; what was left out of them before: "
                f"{', '.join(map(str, file.former_rejects))}",
                highlight=False,
                soft_wrap=True,
            )


def _table(title: str, counter: Counter[str]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    table.add_column(min_width=40)
    table.add_column(justify="right")
    for name, count in counter.most_common():
        table.add_row(name, f"{count:,}")
    return table
