"""What identifying costs and what bounds it: credits before and after, sizes, senders that go away, a full queue."""

import itertools
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from sonograph.accounts.store import create_key
from sonograph.catalog.vocabulary import OriginId
from sonograph.recognition.references import Reference
from sonograph.recognition.store import write_references
from tests.contract import clips
from tests.contract.test_identify import BYTES, NOISE, PATH
from tests.service import Service

pytestmark = pytest.mark.usefixtures("indexed")
QUOTA = 5_000_000  # of the plan scale
SPENT = "query { viewer { account { credits { used } } } }"
MOST = 100 * 2**20
PATIENCE = 30.0
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Payer:
    """An account of its own with a live key."""

    client: httpx.Client
    key: str
    email: str
    database: asyncpg.Connection

    def used(self) -> int:
        """Credits of this month, as the account's page shows them."""
        found: int = self.client.post("/graphql", json={"query": SPENT}).json()["data"]["viewer"]["account"]["credits"][
            "used"
        ]
        return found

    async def leave(self, credits_: int) -> None:
        """Spend all but so many of the month's."""
        await self.database.execute(
            "insert into credit_month (account_id, month, used) "
            "select id, date_trunc('month', now() at time zone 'utc'), $2 from account where email = $1 "
            "on conflict (account_id, month) do update set used = excluded.used",
            self.email,
            QUOTA - credits_,
        )


@pytest_asyncio.fixture
async def payer(service: Service, database_url: str) -> AsyncIterator[Payer]:
    email = f"payer{next(_numbers)}-{os.getpid()}@contract.invalid"
    key = await create_key(database_url, email, "scale", test=False)
    database = await asyncpg.connect(database_url, server_settings={"search_path": "accounts"})
    with httpx.Client(base_url=service.url, headers={"x-api-key": key}, timeout=60) as client:
        yield Payer(client, key, email, database)
    await database.close()


def eventually(holds: Callable[[], bool]) -> None:
    ends = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < ends
        sleep(0.05)


def files(folder: Path) -> list[Path]:
    """What bodies of requests left; what other tests uploaded to stay is beside it."""
    arriving = (folder / "service" / "uploads" / "arriving").rglob("*")
    return [path for path in arriving if path.is_file() and path.name != "lock"]


async def test_what_is_identified_costs_what_the_contract_says(payer: Payer) -> None:
    assert payer.used() == 0
    fingerprint = payer.client.post(PATH, json={"fingerprint": NOISE}).json()
    assert fingerprint == {"matched": False, "results": [], "credits_charged": 10}
    small = payer.client.post(PATH, content=clips.wav(), headers=BYTES).json()
    assert small == {"matched": False, "results": [], "credits_charged": 11}  # no live track has this song
    one, more = clips.padded(2**20), clips.padded(2**20 + 1)
    assert payer.client.post(PATH, content=one, headers=BYTES).json()["credits_charged"] == 11
    assert payer.client.post(PATH, content=more, headers=BYTES).json()["credits_charged"] == 12
    assert payer.client.post(PATH, content=iter([more]), headers=BYTES).json()["credits_charged"] == 12
    assert payer.used() == 10 + 11 + 11 + 12 + 12


async def test_what_is_refused_or_fails_costs_nothing(payer: Payer) -> None:
    for status, request in (
        (400, {"json": {"fingerprint": NOISE[:3]}}),
        (400, {"content": b"no audio at all", "headers": BYTES}),
        (400, {"content": iter([b"no audio", b" at all"]), "headers": BYTES}),
        (400, {"content": b"", "headers": BYTES}),
        (413, {"content": clips.endless_flac(), "headers": BYTES}),
        (415, {"content": b"x", "headers": {"content-type": "text/plain"}}),
    ):
        given: dict[str, Any] = dict(request)
        assert payer.client.post(PATH, **given).status_code == status
    assert payer.used() == 0


async def test_too_few_credits_are_a_429_before_any_work(payer: Payer) -> None:
    await payer.leave(10)
    refusals = [
        payer.client.post(PATH, content=clips.wav(), headers=BYTES),
        payer.client.post(PATH, content=iter([clips.wav()]), headers=BYTES),
        payer.client.post(PATH, content=b"no audio at all", headers=BYTES),  # nobody looks at it
    ]
    for answer in refusals:
        assert answer.status_code == 429, answer.text
        assert "quota" in answer.json()["error"]
        assert "retry-after" not in answer.headers  # which clients take for "give up"
    assert payer.client.post(PATH, json={"fingerprint": NOISE}).json()["credits_charged"] == 10
    assert payer.client.post(PATH, json={"fingerprint": NOISE}).status_code == 429


async def test_a_file_in_chunks_that_turns_out_too_dear_is_not_identified(payer: Payer) -> None:
    await payer.leave(12)
    pieces = [clips.padded(2 * 2**20 + 1)]
    assert payer.client.post(PATH, content=iter(pieces), headers=BYTES).status_code == 429
    assert payer.used() == QUOTA - 12
    assert (
        payer.client.post(PATH, content=iter([clips.padded(2**20 + 1)]), headers=BYTES).json()["credits_charged"] == 12
    )


async def test_a_live_key_finds_live_tracks(payer: Payer, database_url: str) -> None:
    """A reference that is written is found within seconds."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "catalog"})
    try:
        track = await connection.fetchval(clips.NEW_TRACK)
        reference = Reference(
            track_id=track, origin=OriginId.AUDIO, external_id="a live song", seconds=10.0, items=clips.items()
        )
        async with connection.transaction():
            await write_references(connection, [reference])
        answers = list[Any]()

        def found() -> bool:
            answers.append(payer.client.post(PATH, json={"fingerprint": [int(item) for item in clips.items()]}).json())
            return bool(answers[-1]["matched"])

        eventually(found)
        (result,) = answers[-1]["results"]
        assert (result["id"], result["title"], result["artists"]) == (track, "A live song", [])
        assert answers[-1]["credits_charged"] == 10
    finally:
        await connection.execute("update audio_reference set gone = true, changed_in = pg_current_xact_id()")
        await connection.execute("delete from track where title = 'A live song'")
        await connection.close()


def endless() -> Iterator[bytes]:
    piece = b"x" * 65_536
    for _ in range(MOST // len(piece) + 100):
        yield piece


def test_a_body_that_says_it_is_too_large_is_refused_unread(service: Service, test_key: str) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\nx-api-key: {test_key}\r\ncontent-type: audio/wav\r\n"
        connection.sendall(f"{head}content-length: {MOST + 1}\r\n\r\n".encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_grows_too_large_is_refused_while_it_comes(
    api: httpx.Client, service: Service, open_folder: Path
) -> None:
    before = service.memory_mb()
    answer = api.post(PATH, content=endless(), headers=BYTES)
    assert answer.status_code == 413
    assert str(MOST) in answer.json()["error"]
    assert service.memory_mb() - before < 40  # of a hundred that came
    assert files(open_folder) == []


async def test_a_sender_that_goes_away_leaves_no_file_and_pays_nothing(
    payer: Payer, service: Service, open_folder: Path
) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\nx-api-key: {payer.key}\r\ncontent-type: audio/wav\r\n"
        connection.sendall(f"{head}content-length: 5000000\r\n\r\n".encode() + clips.wav())
        eventually(lambda: bool(files(open_folder)))
        assert payer.used() == 15  # held while the file comes
    eventually(lambda: not files(open_folder))
    eventually(lambda: payer.used() == 0)


def test_what_is_beyond_the_queue_is_told_when_to_come_back(api: httpx.Client) -> None:
    """Ten fit: two that are worked on, and eight that wait."""
    long = [number * 2654435761 % 2**32 for number in range(50_000)]

    def ask(_: int) -> httpx.Response:
        return api.post(PATH, json={"fingerprint": long}, timeout=120)

    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(ask, range(30)))
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            assert set(answer.json()) == {"error"}
    assert api.post(PATH, json={"fingerprint": NOISE}).status_code == 200


def test_other_requests_are_answered_meanwhile(api: httpx.Client) -> None:
    long = {"fingerprint": [number * 40503 % 2**32 for number in range(50_000)]}
    with ThreadPoolExecutor(4) as threads:
        busy = [threads.submit(api.post, PATH, json=long, timeout=120) for _ in range(4)]
        while not all(one.done() for one in busy):
            assert api.get("/v1/genres", timeout=5).status_code == 200
    assert {one.result().status_code for one in busy} == {200}
