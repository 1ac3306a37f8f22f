"""The same reads three ways: `python -m benchmarks.reads --url postgresql://… [--http]`."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from benchmarks.database import DataDir, Url, catalog_size, opened
from benchmarks.reads import http, inprocess
from benchmarks.reads.measured import report
from benchmarks.reads.questions import questions
from benchmarks.reads.serve import contenders

BASE = "by hand, tuned"  # what the others are compared with


def main(  # noqa: PLR0913  # options of the command
    *,
    url: str | None = Url,
    data_dir: Path | None = DataDir,
    rounds: int = typer.Option(15, min=1, help="Turns of each contender."),
    through_http: Annotated[bool, typer.Option("--http", help="Through real servers, too.")] = False,
    limits: Annotated[
        bool, typer.Option("--limits", help="Only the service with and without burst limit and credits, through HTTP.")
    ] = False,
    connections: int = typer.Option(4, min=1, help="Requests under way at a time, through HTTP."),
) -> None:
    """Compare the compiled lane, the executor lane and routes written by hand, on the same data in the same run."""
    with opened(url, data_dir) as dsn:
        if limits:
            _run(_limits(dsn, rounds, connections))
            return
        _run(_in_process(dsn, rounds))
        if through_http:
            _run(_through_http(dsn, rounds, connections))


async def _in_process(dsn: str, rounds: int) -> None:
    typer.echo(f"{await catalog_size(dsn):,} tracks; in one process, one request at a time; medians of {rounds} rounds")
    ours = [await contender.open(dsn, 1) for contender in contenders()]
    try:
        for question in await questions(dsn):
            size = await inprocess.check_equal(ours, question)
            measured = await inprocess.measure(dsn, ours, question, rounds)
            typer.echo(f"\n{report(f'{question.name} ({size:,} bytes)', measured, BASE)}")
    finally:
        for contender in ours:
            await contender.close()


async def _through_http(dsn: str, rounds: int, connections: int) -> None:
    typer.echo(f"\nThrough HTTP, {connections} requests at a time; medians of {rounds} rounds")
    asked = await questions(dsn)
    results = await http.measure(dsn, [c.name for c in contenders()], asked, rounds, connections)
    for question, measured in zip(asked, results, strict=True):
        typer.echo(f"\n{report(question.name, measured, BASE)}")


async def _limits(dsn: str, rounds: int, connections: int) -> None:
    typer.echo(f"{await catalog_size(dsn):,} tracks; {connections} requests at a time; medians of {rounds} rounds")
    asked = await questions(dsn)
    results = await http.measure_limits(dsn, asked, rounds, connections)
    for question, measured in zip(asked, results, strict=True):
        typer.echo(f"\n{report(question.name, measured, http.UNCOUNTED)}")


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop, as we serve."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


if __name__ == "__main__":
    typer.run(main)
