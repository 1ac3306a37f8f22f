"""`sonograph identify`: which tracks are heard in files."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from api import identify_plot, logs
from api.data_folder import check_data
from sonograph.engine import Engine, open_engine
from sonograph.errors import Invalid, SonographError
from sonograph.recognition.answer import Found
from sonograph.recognition.audio.sandboxed import Sandbox
from sonograph.recognition.clip import Clip, listen
from sonograph.recognition.matcher import Evidence, Matcher
from sonograph.recognition.recogniser import MOST_TRACKS, found, references_for
from sonograph.recognition.recognising import index_folder
from sonograph.recognition.store import titles_of, tracks_of

commands = typer.Typer(add_completion=False)
out, err = Console(), Console(stderr=True)


@commands.command()
def identify(  # noqa: PLR0913, PLR0917  # each is an argument or option of the command
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Audio of any kind, videos included.")],
    top: Annotated[int, typer.Option(min=1, max=MOST_TRACKS, help="How many tracks at most, for each file.")] = 5,
    length: Annotated[
        float | None, typer.Option(min=1.0, help="Listen to the first so many seconds; without it, to all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each file.")] = False,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw what matched where, of the likeliest reference, into this PNG or SVG."),
    ] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="In the catalog that test keys read.")] = False,
) -> None:
    """Say which tracks of the catalog are heard in files, and where."""
    if plot is not None and len(files) > 1:
        raise Invalid("--plot draws one file: give one", "plot")
    if plot is not None:
        identify_plot.check(plot)
    settings = logs.configured()
    check_data(settings)

    async def job() -> bool:
        async with open_engine(settings) as engine:
            with Sandbox(1) as decoding:
                matcher = Matcher(index_folder(settings.data_dir, test=sandbox))
                if not matcher.items.references and not matcher.landmarks.references:
                    err.print("The index is empty: see `sonograph index status`.", highlight=False)
                asked = _Asked(engine, matcher, decoding, sandbox)
                # One after the other: an error in one keeps nobody from hearing of the next
                return all([await asked.show(file, top, length, plot, as_json=as_json) for file in files])

    if not asyncio.run(job()):
        raise typer.Exit(1)


class _Asked:
    def __init__(self, engine: Engine, matcher: Matcher, decoding: Sandbox, sandbox: bool) -> None:  # noqa: FBT001
        self._pool = engine.catalog(test=sandbox)
        self._matcher = matcher
        self._decoding = decoding

    async def show(self, file: Path, top: int, length: float | None, plot: Path | None, *, as_json: bool) -> bool:
        """Whether anything was found."""
        try:
            clip = await asyncio.to_thread(self._listened, file, length)
        except (SonographError, OSError) as error:
            said = error.message if isinstance(error, SonographError) else (error.strerror or str(error))
            _say(err, f"{file}: {said}")
            return False
        evidence = await asyncio.to_thread(self._matcher.evidence, clip)
        heard = self._matcher.answers(clip, evidence, references_for(top))
        tracks = await tracks_of(self._pool, [one.reference for one in heard])
        answers = found(heard, tracks)[:top]
        titles = await titles_of(self._pool, [one.track_id for one in answers])
        if as_json:
            results = [asdict(one) | {"track": titles.get(one.track_id)} for one in answers]
            sys.stdout.write(orjson.dumps({"file": str(file), "results": results}).decode() + "\n")
        else:
            for line in _lines(file, answers, titles):
                _say(out, line)
        if plot is not None:
            await self._draw(clip, evidence, plot)
        return bool(answers)

    def _listened(self, file: Path, length: float | None) -> Clip:
        with self._decoding.opened(file, length=length) as audio:
            return listen(audio.blocks)

    async def _draw(self, clip: Clip, evidence: list[Evidence], plot: Path) -> None:
        """Of the likeliest, however unlikely: who tunes wants to see what was missed."""
        if not evidence:
            _say(err, "There is nothing to draw: no reference resembles it.")
            return
        best = evidence[0]
        tracks = await tracks_of(self._pool, [best.reference])
        titles = await titles_of(self._pool, list(tracks.values()))
        title = titles.get(tracks.get(best.reference, 0), f"reference {best.reference}")
        await asyncio.to_thread(identify_plot.draw, plot, title, self._matcher, clip, best)


def _lines(file: Path, answers: list[Found], titles: dict[int, str]) -> Iterator[str]:
    if not answers:
        yield f"{file}: nothing was found."
        return
    yield str(file)
    for one in answers:
        at = f"{_time(one.clip_start)}-{_time(one.clip_end)}"
        there = f"{_time(one.reference_start)}-{_time(one.reference_end)}"
        speed = "" if abs(one.speed - 1) < _AUDIBLE else f", at {100 * one.speed:.1f} % of its speed"
        yield f"  {one.confidence:.3f}  {titles.get(one.track_id, '(no title)')} [{one.track_id}]"
        yield f"         {at} is {there} of the recording{speed}, by {_BY[one.by]}"


_AUDIBLE = 0.001  # of speed
_BY = {"both": "both fingerprints", "chromaprint": "Chromaprint", "landmarks": "landmarks"}


def _time(seconds: float) -> str:
    whole = round(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02}" if whole >= 3600 else f"{whole // 60}"  # noqa: PLR2004
    return f"{hours}:{whole % 60:02}"


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)
