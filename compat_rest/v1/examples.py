"""The example answers of openapi.json: what the sandbox says to each route's sample request.

`python -m compat_rest.v1.examples` asks the database of the settings and writes examples.json and openapi.json anew.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from starlette.types import Message, Scope

from compat_rest.v1.answers import Rest
from compat_rest.v1.openapi import EXAMPLES, render
from compat_rest.v1.operations import sample_target
from compat_rest.v1.routes import NO_CONTENT, ROUTES, Route
from schema.build import build
from schema.projection.plans import Plans
from schema.resolvers.services import Services
from sonograph.accounts.credits import Credits
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine, open_engine
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.monitoring.streams import STATION_PATH, Reach, Wish, create_stream
from sonograph.recognition.index.follower import follow
from sonograph.recognition.recogniser import Recogniser
from sonograph.settings import Settings

MOMENT = "2026-06-01T12:00:00Z"
MOMENTS = {"created_at", "started_at", "last_recognized_at"}
STATION = "http://127.0.0.1:8080" + STATION_PATH
INDEX_SECONDS = 60.0
MAX_ITEMS = 2  # of a list in an example
OPENAPI = Path(__file__).parents[2] / "openapi.json"
READER = Principal(account_id=0, key_id=0, plan="scale", test=True, email_verified=True)


async def sandbox_answers(engine: Engine) -> dict[str, Any]:
    """Key of each route with a body → the sandbox's answer to its sample request, lists cut short."""
    async with _account(engine) as reader:
        stream = await _stream(engine, reader.account_id)

        async def anyone(_: Scope) -> Principal:
            return reader

        async with (
            _indexed(engine),
            Recogniser(engine.settings, engine.live, engine.sandbox) as recogniser,
            Credits(engine.accounts, engine.plans) as counted,
        ):
            services = Services(engine, counted, engine.plans, recogniser)
            rest = Rest(engine, Plans(build()), anyone, services)
            answers = {
                route.key: (route, await _ask_when_indexed(rest, route, stream))
                for route in ROUTES
                if route.status != NO_CONTENT
            }
    return {key: _short(_steady(answer) if route.own else answer) for key, (route, answer) in answers.items()}


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


async def _ask_when_indexed(rest: Rest, route: Route, stream: int) -> Any:
    """The answer; of what is recognised in an index, once the index has it."""
    answer = await _ask(rest, route, stream)
    deadline = monotonic() + INDEX_SECONDS
    while isinstance(answer, dict) and answer.get("matched") is False:
        if monotonic() > deadline:
            raise TimeoutError("the sandbox's audio is not in the index")
        await asyncio.sleep(0.5)
        answer = await _ask(rest, route, stream)
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


async def _stream(engine: Engine, account_id: int) -> int:
    """The number of a stream of the account on which a song is heard just now."""
    now = datetime.now(UTC)
    async with engine.accounts.acquire() as connection:
        await ensure_partitions(connection, now, ahead=0)
        wish = Wish("https://radio.example.net/live.mp3", "Radio Example")
        stream = await create_stream(engine.accounts, account_id, wish, test=True, reach=Reach())
        await connection.execute(
            "update accounts.stream set runtime_status = 2, last_recognized_at = $2 where id = $1", stream.id, now
        )
        await connection.execute(
            "insert into accounts.play (account_id, stream_id, test, track_id, started_at, heard_until, confidence) "
            "values ($1, $2, true, 1, $3, $4, 0.98)",
            account_id,
            stream.id,
            now - timedelta(seconds=1),
            now + timedelta(minutes=5),
        )
    return stream.id


def _steady(value: Any, name: str = "") -> Any:
    """An answer of one day as it would be of another: numbers and times that depend on the day are made steady."""
    if isinstance(value, list):
        return [_steady(item) for item in value]
    if isinstance(value, dict):
        steady = {name: _steady(member, name) for name, member in value.items()}
        if "until" in steady:
            steady |= {"from": "2026-06-01T00:00:00Z", "until": "2026-07-01T00:00:00Z"}
        if isinstance(steady.get("id"), str):
            steady["id"] = "1"
        elif "stream_id" in steady:
            steady["stream_id"] = "1"
        elif "created_at" in steady:
            steady["id"] = 1
        return steady
    if isinstance(value, str):
        if name in MOMENTS:
            return MOMENT
        if value.endswith(STATION_PATH):
            return STATION
    return value


async def _ask(rest: Rest, route: Route, stream: int) -> Any:
    target = sample_target(route)
    if route.tag == "Streams":
        target = target.replace("/streams/1", f"/streams/{stream}")
        for name, days in (("from", -1), ("until", 1)):
            day = datetime.now(UTC).date() + timedelta(days=days)
            target = re.sub(rf"\b{name}=[^&]*", f"{name}={day}", target)
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
    start, answer = sent[0], b"".join(message["body"] for message in sent[1:])
    if start["status"] != route.status:
        raise ValueError(f"{target} answers {start['status']}: {answer.decode()}")
    return json.loads(answer)


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
