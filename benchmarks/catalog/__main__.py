"""Fill an empty database with a made-up catalog: `python -m benchmarks.catalog --tracks 200000 --url postgresql://…`."""

import asyncio
from pathlib import Path

import typer

from benchmarks.catalog.load import default_workers, load
from benchmarks.catalog.sizes import print_sizes
from benchmarks.catalog.world import World
from benchmarks.database import DataDir, Url, opened


def main(
    *,
    tracks: int = typer.Option(200_000, min=1, help="How many tracks."),
    seed: int = typer.Option(1, help="The same size and seed make the same catalog."),
    url: str | None = Url,
    data_dir: Path | None = DataDir,
    workers: int = typer.Option(default_workers(), min=1, help="Processes that make rows."),
) -> None:
    """Fill an empty database with a made-up catalog and print what a track takes on disk."""
    with opened(url, data_dir) as dsn:
        asyncio.run(load(dsn, World(tracks, seed), workers))
        asyncio.run(print_sizes(dsn))


if __name__ == "__main__":
    typer.run(main)
