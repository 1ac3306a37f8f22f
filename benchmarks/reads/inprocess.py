"""In one process, without HTTP: contenders take turns, round after round."""

import asyncio
import time
from collections.abc import Sequence
from cProfile import Profile
from typing import Any

import orjson

from benchmarks.database import connected
from benchmarks.processes import backends, cpu_seconds
from benchmarks.reads.contender import APPLICATION, Contender
from benchmarks.reads.measured import Measured
from benchmarks.reads.questions import Question

PROFILED = 50  # requests
COMPARED = 40  # arguments whose answers are compared


async def check_equal(contenders: Sequence[Contender], question: Question) -> int:
    """Refuse to compare contenders whose decoded answers differ. Returns the size of a typical body in bytes."""
    sizes = []
    for arguments in question.arguments[:COMPARED]:
        bodies = [await question.ask(contender, arguments) for contender in contenders]
        sizes.append(len(bodies[0]))
        answers = [orjson.loads(body) for body in bodies]
        for contender, answer in zip(contenders, answers, strict=True):
            if answer != answers[0]:
                raise SystemExit(
                    f"{contender.name} answers {question.name} {arguments} otherwise:\n{answer}\n{answers[0]}"
                )
        if "errors" in answers[0]:
            raise SystemExit(f"{question.name} {arguments}: {answers[0]['errors']}")
    return sorted(sizes)[len(sizes) // 2]


async def measure(dsn: str, contenders: Sequence[Contender], question: Question, rounds: int) -> list[Measured]:
    measured = [Measured(contender.name) for contender in contenders]
    watch = await connected(dsn)
    try:
        pids = [await backends(watch, APPLICATION.format(contender.name)) for contender in contenders]
        for contender in contenders:
            await _round(contender, question, question.requests // 5)
        for _ in range(rounds):
            for contender, figures, servants in zip(contenders, measured, pids, strict=True):
                sent, database, python = contender.sent, cpu_seconds(servants), time.process_time()
                figures.seconds += await _round(contender, question, question.requests)
                figures.python.append((time.process_time() - python) / question.requests * 1e6)
                figures.database.append((cpu_seconds(servants) - database) / question.requests * 1e6)
                figures.statements = (contender.sent - sent) / question.requests
        for contender, figures in zip(contenders, measured, strict=True):
            figures.calls = await _calls(contender, question)
    finally:
        await watch.close()
    return measured


async def _round(contender: Contender, question: Question, requests: int) -> list[float]:
    seconds, turns = [], question.turns()
    for _ in range(requests):
        arguments = next(turns)
        began = time.perf_counter()
        await question.ask(contender, arguments)
        seconds.append(time.perf_counter() - began)
    return seconds


async def _calls(contender: Contender, question: Question) -> tuple[int, int]:
    """Function calls a request: those of Python functions, and those of C functions too."""
    turns, profile = question.turns(), Profile(builtins=True)
    await asyncio.sleep(0)
    profile.enable()
    for _ in range(PROFILED):
        await question.ask(contender, next(turns))
    profile.disable()
    entries: list[Any] = profile.getstats()
    python = sum(entry.callcount for entry in entries if not isinstance(entry.code, str))
    return python // PROFILED, sum(entry.callcount for entry in entries) // PROFILED
