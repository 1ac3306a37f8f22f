"""The example answers of openapi.json: what the sandbox says to each route's sample request.

`python -m compat_rest.v1.examples` asks the database of the settings and writes examples.json and openapi.json anew.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from starlette.types import Message, Scope

from compat_rest.v1.answers import Rest
from compat_rest.v1.openapi import EXAMPLES, render
from compat_rest.v1.operations import sample_target
from compat_rest.v1.routes import ROUTES, Route
from schema.build import build
from schema.projection.plans import Plans
from schema.resolvers.services import Services
from sonograph.accounts.credits import Credits
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine, open_engine
from sonograph.recognition.index.follower import follow
from sonograph.recognition.recogniser import Recogniser
from sonograph.settings import Settings

MOMENT = "2026-06-01T12:00:00Z"
INDEX_SECONDS = 60.0
MAX_ITEMS = 2  # of a list in an example
OPENAPI = Path(__file__).parents[2] / "openapi.json"
READER = Principal(account_id=0, key_id=0, plan="scale", test=True, email_verified=True)


async def sandbox_answers(engine: Engine) -> dict[str, Any]:
    """Path of each route → the sandbox's answer to its sample request, lists cut short."""
    async with _account(engine) as reader:

        async def anyone(_: Scope) -> Principal:
            return reader

        async with (
            _indexed(engine),
            Recogniser(engine.settings, engine.live, engine.sandbox) as recogniser,
            Credits(engine.accounts, engine.plans) as counted,
        ):
            services = Services(engine, counted, engine.plans, recogniser)
            rest = Rest(engine, Plans(build()), anyone, services)
            answers = {route.path: (route, await _ask_when_indexed(rest, route)) for route in ROUTES}
    return {path: _short(_steady(answer) if route.own else answer) for path, (route, answer) in answers.items()}


@asynccontextmanager
async def _indexed(engine: Engine) -> AsyncIterator[None]:
    """The index of the sandbox's audio is made, and followed for as long as the block."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(follow(engine.dsn, engine.settings.data_dir, "sandbox", stop))
        try:
            yield
        finally:
            stop.set()


async def _ask_when_indexed(rest: Rest, route: Route) -> Any:
    """The answer; of what is recognised in an index, once the index has it."""
    answer = await _ask(rest, route)
    deadline = monotonic() + INDEX_SECONDS
    while isinstance(answer, dict) and answer.get("matched") is False:
        if monotonic() > deadline:
            raise TimeoutError("the sandbox's audio is not in the index")
        await asyncio.sleep(0.5)
        answer = await _ask(rest, route)
    return answer


@asynccontextmanager
async def _account(engine: Engine) -> AsyncIterator[Principal]:
    """An account to ask with, gone afterwards with all that it made."""
    number = await engine.accounts.fetchval(
        "insert into accounts.account (email, plan, email_verified_at, created_at) "
        "values ('examples@sonograph.invalid', $1, now(), now()) returning id",
        READER.plan,
    )
    try:
        yield replace(READER, account_id=number)
    finally:
        await engine.accounts.execute("delete from accounts.account where id = $1", number)


def _steady(value: Any) -> Any:
    """An answer of one day as it would be of another: numbers and times that depend on the day are made steady."""
    if isinstance(value, list):
        return [_steady(item) for item in value]
    if not isinstance(value, dict):
        return value
    steady = {name: _steady(member) for name, member in value.items()}
    if "created_at" in steady:
        steady |= {"id": 1, "created_at": MOMENT}
    return steady


async def _ask(rest: Rest, route: Route) -> Any:
    target = sample_target(route)
    path, _, query = target.partition("?")
    body = json.dumps(route.takes.sample).encode() if route.takes else b""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": route.method, "path": path, "query_string": query.encode(), "headers": headers}
    await rest(scope, receive, send)
    start, answer = sent
    if start["status"] != 200:  # noqa: PLR2004  # OK
        raise ValueError(f"{target} answers {start['status']}: {answer['body'].decode()}")
    return json.loads(answer["body"])


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value[:MAX_ITEMS]]
    return value


async def _write() -> None:
    async with open_engine(Settings.read()) as engine:
        answers = await sandbox_answers(engine)
    EXAMPLES.write_text(json.dumps(answers, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    OPENAPI.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_write())
