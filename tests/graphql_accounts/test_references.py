"""One track's audio as a reference, by GraphQL: who may, what is kept, and that it is found and forgotten."""

import asyncio
from time import monotonic
from typing import Any

import numpy as np
import pytest

from sonograph.recognition.acoustid import compress
from sonograph.recognition.chromaprint import fingerprint
from sonograph.recognition.sandbox.making import wave_of
from tests.graphql_accounts.conftest import Json, Make, Person
from tests.graphql_accounts.test_identify import CREATE, IDENTIFY, put
from tests.recognition.sounds import music

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("indexed")]
PROBLEM = "__typename ... on Problem { message } ... on InvalidInput { field }"
WRITE = (
    """mutation ($input: ReferenceCreateInput!) { referenceCreate(input: $input) {
  ... on ReferenceCreatePayload { created reference { id seconds hasLandmarks track { databaseId title } } } """
    + PROBLEM
    + " } }"
)
DELETE = (
    "mutation ($input: ReferenceDeleteInput!) { referenceDelete(input: $input) { "
    "... on ReferenceDeletePayload { deleted } " + PROBLEM + " } }"
)
TRACK = "query ($number: Int!) { track(by: { databaseId: $number }) { id title } }"
PATIENCE = 30.0


def written(editor: Person, **given: Any) -> Json:
    found: Json = editor.ask(WRITE, input=given)["referenceCreate"]
    return found


def sent(editor: Person, content: bytes) -> str:
    upload = editor.ask(CREATE, input={})["audioUploadCreate"]["upload"]
    assert put(upload["url"], content).status_code == 200
    number: str = upload["id"]
    return number


def wav_of(seconds: float, seed: int) -> bytes:
    """The beginning of forty seconds of music."""
    return wave_of(music(40, seed=seed)[: int(seconds * 44_100)])


async def until(editor: Person, audio: Json, *, title: str | None) -> Json | None:
    """Identified again and again, until the track is found, or (None) no more; its result."""
    ends = monotonic() + PATIENCE
    while True:
        results = editor.ask(IDENTIFY, input={"audio": audio})["identify"]["results"]
        titles = [one["track"]["title"] for one in results]
        if titles[:1] == ([] if title is None else [title]):
            return results[0] if results else None
        assert monotonic() < ends, titles
        await asyncio.sleep(0.1)


async def test_a_file_becomes_a_reference_and_is_found_and_forgotten(person: Make) -> None:
    editor = await person(reviewer=True)
    track = editor.ask(TRACK, number=100)["track"]
    clip = {"uploadId": sent(editor, wav_of(12, 77))}
    assert editor.ask(IDENTIFY, input={"audio": clip})["identify"]["matched"] is False
    made = written(editor, trackId=track["id"], audio={"uploadId": sent(editor, wav_of(40, 77))}, name="b side")
    assert made["created"] is True
    reference = made["reference"]
    assert (reference["seconds"], reference["hasLandmarks"]) == (40, True)
    assert reference["track"] == {"databaseId": 100, "title": track["title"]}
    found = await until(editor, clip, title=track["title"])
    assert found is not None
    assert found["reference"]["start"] < 2.5

    other = editor.ask(TRACK, number=101)["track"]
    again = written(editor, trackId=other["id"], audio={"uploadId": sent(editor, wav_of(40, 77))}, name=" b side ")
    assert (again["created"], again["reference"]["id"]) == (False, reference["id"])
    await until(editor, clip, title=other["title"])

    for was_there in (True, False):
        assert editor.ask(DELETE, input={"id": reference["id"]})["referenceDelete"]["deleted"] is was_there
    await until(editor, clip, title=None)


async def test_a_fingerprint_becomes_a_reference(person: Make) -> None:
    editor = await person(reviewer=True)
    track = editor.ask(TRACK, number=102)["track"]
    samples = music(30, rate=11_025, seed=78)
    items = fingerprint([samples.astype(np.int16)], None)
    audio = {"fingerprint": compress(items)}
    made = written(editor, trackId=track["id"], audio=audio)
    assert (made["created"], made["reference"]["hasLandmarks"]) == (True, False)
    assert abs(made["reference"]["seconds"] - 30) < 0.2
    assert written(editor, trackId=track["id"], audio=audio)["created"] is False  # the same once more
    await until(editor, {"fingerprint": compress(items[60:160])}, title=track["title"])
    assert editor.ask(DELETE, input={"id": made["reference"]["id"]})["referenceDelete"]["deleted"] is True


async def test_who_may_not(person: Make) -> None:
    editor, anybody = await person(reviewer=True), await person()
    create = "mutation ($i: ApiKeyCreateInput!) { apiKeyCreate(input: $i) { ... on ApiKeyCreatePayload { secret } } }"
    secret = editor.ask(create, i={"scopes": ["IDENTIFY", "SUGGESTIONS"]})["apiKeyCreate"]["secret"]
    given: tuple[tuple[str, Json], ...] = (
        (WRITE, {"trackId": "x", "audio": {"uploadId": "x"}}),
        (DELETE, {"id": "x"}),
    )
    for query, asked in given:
        assert anybody.refused(query, input=asked) == "FORBIDDEN"
        answer = editor.client.post(
            "/graphql", json={"query": query, "variables": {"input": asked}}, headers={"x-api-key": secret}
        )
        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_does_not_fit(person: Make) -> None:
    editor = await person(reviewer=True)
    track = editor.ask(TRACK, number=100)["track"]["id"]
    noise = {"fingerprint": compress(np.arange(60, dtype=np.uint32) * np.uint32(2654435761))}
    short, silent = sent(editor, wav_of(3, 79)), sent(editor, wave_of(np.zeros(44_100 * 20, np.int16)))
    for asked, named in (
        ({"trackId": "junk", "audio": noise}, "trackId"),
        ({"trackId": track, "audio": {"fingerprint": "1,2"}}, "fingerprint"),
        ({"trackId": track, "audio": {"uploadId": "junk"}}, "uploadId"),
        ({"trackId": track, "audio": noise, "name": "x" * 201}, "name"),
        ({"trackId": track, "audio": {"uploadId": short}}, None),
        ({"trackId": track, "audio": {"uploadId": silent}}, None),
        ({"trackId": track, "audio": {"uploadId": sent(editor, b"no audio at all")}}, None),
    ):
        answer = written(editor, **asked)
        assert (answer["__typename"], answer["field"]) == ("InvalidInput", named), answer
    unknown = "VHJhY2s6OTk5OTk5OTk="  # Track:99999999
    assert written(editor, trackId=unknown, audio=noise)["__typename"] == "NotFound"
    assert editor.ask(DELETE, input={"id": "junk"})["referenceDelete"]["__typename"] == "NotFound"
