"""The report: what counts and what does not, as JSON in three doors and as files; its bounds."""

import asyncio
import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from sonovault import SonoVault, SonoVaultError

from compat_rest.v1.openapi import openapi
from sonograph.errors import Invalid, Misconfigured, Unavailable
from sonograph.ids import global_id
from sonograph.monitoring.report.airings import Airings
from sonograph.monitoring.report.facts import Credit, TrackFacts
from sonograph.monitoring.report.report import Reports
from sonograph.monitoring.report.sheet import BOM, Sheet
from sonograph.monitoring.report.span import LONGEST, span_of
from sonograph.monitoring.report.template import SHIPPED, template, templates
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.vocabulary import DetectionMode, RuntimeStatus
from tests.contract.shapes import Json
from tests.contract.stream_doors import RestStreams
from tests.contract.watchers import Aired, Watcher, watcher
from tests.service import Service

pytestmark = pytest.mark.database
PATH = "/v1/streams/report"
PATIENCE = 60.0  # seconds: much longer than anything takes
FROM, UNTIL = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SPAN = {"from": "2026-06-01T00:00:00Z", "until": "2026-06-02T00:00:00Z"}


@pytest.fixture(scope="module")
def account(service: Service, database_url: str) -> Iterator[Watcher]:
    made = watcher(service, database_url)
    with made.client:
        yield made


@pytest.fixture(scope="module")
def numbers(account: Watcher) -> tuple[str, str]:
    """Two streams; on the first one, airings at and across both ends of the first of June."""
    rest = RestStreams(account.client)
    one, two = (rest.create(url="https://radio.example.com/live.mp3", name=name)["id"] for name in ("One", None))
    account.execute("update stream set created_at = $2 where id = any($1::int[])", [int(one), int(two)], FROM)
    account.air(
        one,
        Aired(1, FROM - SECOND),  # goes on into the day: it began before
        Aired(2, FROM),
        Aired(1, FROM + timedelta(hours=12, milliseconds=700)),
        Aired(1, FROM + timedelta(hours=13)),
        Aired(3, UNTIL - SECOND),  # goes on beyond it: it began within
        Aired(2, UNTIL),
    )
    return one, two


def test_an_airing_counts_once_by_its_beginning(account: Watcher, numbers: tuple[str, str]) -> None:
    answer = account.client.get(PATH, params=SPAN)
    assert answer.status_code == httpx.codes.OK
    assert "content-length" not in answer.headers  # in pieces
    assert answer.headers["content-type"] == "application/json"
    report: Json = answer.json()
    assert {"from": report["from"], "until": report["until"]} == SPAN
    first, second = report["streams"]
    assert [first["stream_id"], second["stream_id"]] == list(numbers)
    assert (first["name"], second["name"]) == ("One", None)
    assert [(row["track_id"], row["plays"]) for row in first["summary"]] == [(1, 2), (2, 1), (3, 1)]
    assert [(row["started_at"], row["track_id"]) for row in first["detail"]] == [
        ("2026-06-01T00:00:00Z", 2),
        ("2026-06-01T12:00:00Z", 1),
        ("2026-06-01T13:00:00Z", 1),
        ("2026-06-01T23:59:59Z", 3),
    ]
    assert second["summary"] == second["detail"] == []
    row = first["detail"][1]
    assert list(row) == ["started_at", "track_id", "title", "artists", "isrc", "label", "release", "duration"]
    track = account.client.get("/v1/tracks/1").json()
    assert (row["title"], row["artists"], row["isrc"], row["duration"]) == tuple(
        track[name] for name in ("title", "artists", "isrc", "duration")
    )
    came_out = track["releases"][0]
    assert (row["release"], row["label"]) == (came_out["title"], came_out["label"]["name"])
    document = openapi()
    schema = document["paths"][PATH]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(report)


def test_two_days_beside_each_other_have_each_airing_once(account: Watcher, numbers: tuple[str, str]) -> None:
    def plays(since: datetime, until: datetime) -> int:
        span = {"from": since.isoformat(), "until": until.isoformat(), "stream_id": numbers[0]}
        (stream,) = account.client.get(PATH, params=span).json()["streams"]
        return len(stream["detail"])

    day = timedelta(days=1)
    assert [plays(FROM - day, FROM), plays(FROM, UNTIL), plays(UNTIL, UNTIL + day)] == [1, 4, 1]
    assert plays(FROM - day, UNTIL + day) == 6


def test_the_vendors_client_reads_it(account: Watcher, numbers: tuple[str, str], service: Service) -> None:
    with SonoVault(account.key, base_url=service.url, max_retries=0) as client:
        report = client.streams.report(from_=SPAN["from"], until=SPAN["until"], stream_id=numbers[0])
        assert report == account.client.get(PATH, params={**SPAN, "stream_id": numbers[0]}).json()
        with pytest.raises(SonoVaultError) as refused:
            client.streams.report(from_=SPAN["from"], until=SPAN["until"], stream_id="999999999")
        assert refused.value.status == httpx.codes.NOT_FOUND


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"until": SPAN["until"]}, "from is required"),
        ({"from": SPAN["from"]}, "until is required"),
        ({**SPAN, "from": "today"}, "from must be a time"),
        ({"from": SPAN["until"], "until": SPAN["from"]}, "until must be later"),
        ({"from": SPAN["from"], "until": SPAN["from"]}, "until must be later"),
        ({"from": "2026-01-01", "until": "2026-04-03T00:00:01Z"}, "until must be at most 92 days"),
        ({**SPAN, "format": "xml"}, "format must be json or csv"),
        ({**SPAN, "format": "csv", "template": "../../etc/passwd"}, "template must be one of airings, soundexchange"),
        ({**SPAN, "format": "csv", "time_zone": "Nowhere/Else"}, "time_zone must be"),
        ({**SPAN, "format": "csv", "time_zone": "../etc/passwd"}, "time_zone must be"),
        ({**SPAN, "time_zone": "Nowhere/Else"}, "time_zone must be"),
        ({**SPAN, "template": "suisa"}, "template needs format=csv"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(account: Watcher, params: dict[str, str], text: str) -> None:
    answer = account.client.get(PATH, params=params)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.json()["error"].startswith(text)


def test_92_days_are_allowed_and_others_see_nothing(
    account: Watcher, numbers: tuple[str, str], service: Service, database_url: str
) -> None:
    assert numbers
    span = {"from": "2026-01-01", "until": "2026-04-03"}
    assert account.client.get(PATH, params=span).json()["streams"] == []
    other = watcher(service, database_url)
    with other.client as client:
        assert client.get(PATH, params=SPAN).json()["streams"] == []
        assert client.get(PATH, params={**SPAN, "stream_id": numbers[0]}).status_code == httpx.codes.NOT_FOUND


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == httpx.codes.OK, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_files_of_rows(account: Watcher, numbers: tuple[str, str]) -> None:
    answer = account.client.get(PATH, params={**SPAN, "format": "csv", "bom": "true", "time_zone": "Europe/Zurich"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="plays-2026-06-01-2026-06-02-airings.csv"'
    )  # in Zurich
    assert answer.content.startswith(BOM)
    rows = rows_of(answer)
    assert [row["started_at"] for row in rows] == [
        "2026-06-01T02:00:00+02:00",
        "2026-06-01T14:00:00+02:00",
        "2026-06-01T15:00:00+02:00",
        "2026-06-02T01:59:59+02:00",
    ]
    assert rows[1]["artists"] == "Daft Punk"
    assert rows[1]["played_seconds"] == "180"
    assert rows[1]["stream_id"] == numbers[0]

    suisa = {**SPAN, "format": "csv", "template": "suisa", "time_zone": "Europe/Zurich"}
    row = rows_of(account.client.get(PATH, params=suisa))[3]
    assert (row["Sendedatum"], row["Sendezeit"], row["Sendedauer"]) == ("20260602", "01:59:59", "0:03:00")
    assert len(row) == 25

    counted = rows_of(account.client.get(PATH, params={**SPAN, "format": "csv", "template": "soundexchange"}))
    assert [row["PLAY_FREQUENCY"] for row in counted] == ["2", "1", "1"]
    assert counted[0]["NAME_OF_SERVICE"] == counted[0]["CHANNEL_OR_PROGRAM_NAME"] == "One"
    assert {row["ACTUAL_TOTAL_PERFORMANCES"] for row in counted} == {""}
    assert len(counted[0]) == 11


def stream_named(name: str) -> Stream:
    return Stream(
        id=7, account_id=1, test=True, url="http://a.example", name=name, format=None,
        detection_mode=DetectionMode.BALANCED, outage_notifications=False, created_at=FROM, stopped_at=None, revision=1,
        monitor_id=None, runtime_status=RuntimeStatus.RUNNING, status_reason=None, status_at=FROM, heard_at=None,
        last_recognized_at=None, offline_since=None, tuning=None,
    )  # fmt: skip


def test_no_title_is_a_formula_and_nothing_breaks_a_row() -> None:
    titles = [
        '=HYPERLINK("http://evil")',
        "+1",
        "-2",
        "@x",
        'say "hi", you',
        "two\r\nlines",
        "\tTab",
        " =1+1",
        "\uff1d1",
        "U+2028 \u2028",
        "夜",
    ]
    artist = Credit(1, "=A", is_primary=True, is_remixer=False)
    facts = {n: TrackFacts(n, title, (artist,), None, None, None, None) for n, title in enumerate(titles)}
    block = Airings(
        np.arange(len(titles), dtype=np.int64), np.arange(len(titles), dtype=np.int32), np.zeros(11, np.int32)
    )
    sheet = Sheet(template(None, "airings"), ZoneInfo("UTC"))
    text = (sheet.head() + sheet.rows(stream_named("=S"), block, facts)).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"].removeprefix("'") for row in rows] == titles
    for row in rows:
        for value in row.values():
            assert not value.startswith(("\t", "\r"))
            assert not value.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))


def test_hours_that_a_zone_has_twice_are_told_apart() -> None:
    at = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())
    block = Airings(np.array([at, at + 3600], np.int64), np.zeros(2, np.int32), np.zeros(2, np.int32))
    facts = {0: TrackFacts(0, "Title", (), None, None, None, None)}
    text = Sheet(template(None, "airings"), ZoneInfo("Europe/Zurich")).rows(stream_named("S"), block, facts).decode()
    assert [row.split(",")[0] for row in text.splitlines()] == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
    ]


def test_an_operator_adds_templates(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        'rows = "tracks"\ndelimiter = ";"\ncolumns = [{ name = "T", from = "title" }]\n'
    )
    assert set(templates(tmp_path)) == {*templates(None), "ours"}
    assert template(tmp_path, "ours").delimiter == ";"
    with pytest.raises(Invalid, match="template must be one of"):
        template(None, "ours")
    for text in ("columns = []", 'columns = [{ name = "T", from = "nothing" }]', "rows = 1", "not toml"):
        folder = tmp_path / str(abs(hash(text)))
        folder.mkdir()
        (folder / "bad.toml").write_text(text)
        with pytest.raises(Misconfigured, match=r"bad\.toml"):
            templates(folder)
    assert {path.stem for path in SHIPPED.glob("*.toml")} == {"airings", "tracks", "soundexchange", "suisa"}
    assert all(one.source for one in templates(None).values())


async def test_few_reports_are_made_at_a_time_and_some_wait_for_their_turn() -> None:
    reports = Reports(most=1, most_waiting=2, patience=PATIENCE)
    order: list[int] = []

    async def report(number: int) -> None:
        async with reports.place():
            order.append(number)

    async with reports.place():
        waiting = [asyncio.create_task(report(number)) for number in range(2)]
        await asyncio.sleep(0)  # each begins, and waits
        assert reports.waiting == len(waiting)
        with pytest.raises(Unavailable):  # at once: two wait already
            await report(2)
        assert order == []
    await asyncio.gather(*waiting)
    assert (order, reports.waiting) == ([0, 1], 0)

    hurried = Reports(most=1, patience=0.01)
    async with hurried.place():
        with pytest.raises(Unavailable):
            async with hurried.place():
                pass
    async with hurried.place():
        assert hurried.waiting == 0


def test_five_small_reports_at_once_are_all_made(account: Watcher, numbers: tuple[str, str]) -> None:
    assert numbers
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: account.client.get(PATH, params=SPAN).status_code, range(5)))
    assert answers == [httpx.codes.OK] * 5


MONTH = {"from": "2026-06-01", "until": "2026-07-01"}


def test_days_are_days_of_the_zone(service: Service, database_url: str) -> None:
    """June in Zurich is from 22:00 UTC to 22:00 UTC; what says its offset stays what it is."""
    account = watcher(service, database_url)
    with account.client:
        number = RestStreams(account.client).create(url="https://radio.example.com/live.mp3")["id"]
        begin, end = datetime(2026, 5, 31, 22, tzinfo=UTC), datetime(2026, 6, 30, 22, tzinfo=UTC)
        account.execute("update stream set created_at = $2 where id = $1", int(number), begin - timedelta(days=30))
        account.air(number, *(Aired(n, at) for n, at in enumerate((begin - SECOND, begin, end - SECOND, end), 1)))

        def tracks(**params: str) -> list[int]:
            (stream,) = account.client.get(PATH, params={"stream_id": number, **params}).json()["streams"]
            return [row["track_id"] for row in stream["detail"]]

        assert tracks(**MONTH, time_zone="Europe/Zurich") == [2, 3]
        assert tracks(**MONTH) == [3, 4]
        assert tracks(**{"from": "2026-06-01T00:00:00", "until": "2026-07-01T00:00:00"}, time_zone="Europe/Zurich") == [
            2,
            3,
        ]
        utc = {"from": "2026-06-01T00:00:00Z", "until": "2026-07-01T00:00:00+00:00"}
        assert tracks(**utc, time_zone="Europe/Zurich") == [3, 4]

        suisa = {**MONTH, "stream_id": number, "format": "csv", "template": "suisa", "time_zone": "Europe/Zurich"}
        file = account.client.get(PATH, params=suisa)
        assert file.headers["content-disposition"] == 'attachment; filename="plays-2026-06-01-2026-06-30-suisa.csv"'
        assert [row["Sendedatum"] for row in rows_of(file)] == ["20260601", "20260630"]

        query = """query($from: DateTime!, $until: DateTime!, $id: ID, $zone: String!) { viewer {
        streamReport(from: $from, until: $until, streamId: $id, timeZone: $zone) { from until streams { plays } } } }"""
        variables = {**MONTH, "id": global_id("Stream", int(number)), "zone": "Europe/Zurich"}
        answer = account.client.post("/graphql", json={"query": query, "variables": variables}).json()
        report = answer["data"]["viewer"]["streamReport"]
        assert report == {"from": "2026-05-31T22:00:00Z", "until": "2026-06-30T22:00:00Z", "streams": [{"plays": 2}]}
        wrong = account.client.post(
            "/graphql", json={"query": query, "variables": variables | {"zone": "Nowhere"}}
        ).json()
        assert wrong["errors"][0]["message"].startswith("timeZone must be")


def test_92_days_of_a_zone_may_have_an_hour_more() -> None:
    zurich = ZoneInfo("Europe/Zurich")
    span = span_of(datetime(2026, 8, 1), datetime(2026, 11, 1), zurich)  # noqa: DTZ001  # the zone stands beside them
    assert span.until - span.since == LONGEST + timedelta(hours=1)
    assert span.days(zurich) == (date(2026, 8, 1), date(2026, 10, 31))
    with pytest.raises(Invalid, match="at most 92 days"):
        span_of(datetime(2026, 8, 1), datetime(2026, 11, 1, 0, 0, 1), zurich)  # noqa: DTZ001  # as above
    for year in (1, 9999):
        with pytest.raises(Invalid, match="from must be a time from 2000 to 2200"):
            span_of(datetime(year, 1, 1), datetime(2026, 1, 1), zurich)  # noqa: DTZ001  # as above


def test_a_client_that_goes_away_leaves_the_place_free(account: Watcher, numbers: tuple[str, str]) -> None:
    assert numbers
    for _ in range(4):
        with account.client.stream("GET", PATH, params=SPAN):
            pass  # closed before its body was read
        assert account.client.head(PATH, params=SPAN).status_code == httpx.codes.OK


def test_merged_tracks_are_one_and_missing_ones_count(account: Watcher) -> None:
    rest = RestStreams(account.client)
    number = rest.create(url="https://radio.example.com/live.mp3")["id"]
    # Over before the days that other tests look at.
    span_of_it = (FROM - timedelta(days=400), FROM - timedelta(days=200))
    account.execute("update stream set created_at = $2, stopped_at = $3 where id = $1", int(number), *span_of_it)
    at = FROM - timedelta(days=300)
    account.execute("insert into sandbox.redirect (kind, old_id, new_id) values (4, 900001, 1)")
    try:
        account.air(
            number, *(Aired(track, at + n * timedelta(minutes=5)) for n, track in enumerate((1, 900001, 900002)))
        )
        span = {"from": at.isoformat(), "until": (at + timedelta(days=1)).isoformat(), "stream_id": number}
        (stream,) = account.client.get(PATH, params=span).json()["streams"]
        assert [(row["track_id"], row["plays"]) for row in stream["summary"]] == [(1, 2), (900002, 1)]
        assert stream["detail"][2]["title"] == ""
    finally:
        account.execute("delete from sandbox.redirect where old_id = 900001")


def test_the_report_in_graphql(account: Watcher, numbers: tuple[str, str]) -> None:
    """The same airings as the other report, by days of a zone, and by pages."""
    query = """query($from: DateTime!, $until: DateTime!, $id: ID, $zone: String!, $after: String, $number: Int) {
      viewer {
      stream(databaseId: $number) { id }
      streamReport(from: $from, until: $until, streamId: $id, timeZone: $zone) { from until timeZone streams {
        stream { restId } plays days { day plays }
        summary(first: 2, after: $after) { totalCount nextCursor nodes { plays track { databaseId } } }
        details(first: 3) { totalCount nextCursor nodes { startedAt track { databaseId } } } } } } }"""

    def ask(**variables: Any) -> Json:
        given = {**SPAN, "zone": "Europe/Zurich", "number": int(numbers[0]), **variables}
        answer: Json = account.client.post("/graphql", json={"query": query, "variables": given}).json()
        return answer

    everything = ask()["data"]["viewer"]
    report = everything["streamReport"]
    assert (report["from"], report["until"], report["timeZone"]) == (SPAN["from"], SPAN["until"], "Europe/Zurich")
    assert [entry["stream"]["restId"] for entry in report["streams"]] == list(numbers)
    (one,) = ask(id=everything["stream"]["id"])["data"]["viewer"]["streamReport"]["streams"]
    assert one == report["streams"][0]
    assert one["plays"] == one["details"]["totalCount"] == 4
    assert one["days"] == [{"day": "2026-06-01", "plays": 3}, {"day": "2026-06-02", "plays": 1}]
    assert [(row["track"]["databaseId"], row["plays"]) for row in one["summary"]["nodes"]] == [(1, 2), (2, 1)]
    (following, _) = ask(after=one["summary"]["nextCursor"])["data"]["viewer"]["streamReport"]["streams"]
    assert [row["track"]["databaseId"] for row in following["summary"]["nodes"]] == [3]
    assert following["summary"]["totalCount"] == 3
    assert [row["track"]["databaseId"] for row in one["details"]["nodes"]] == [3, 1, 1]
    assert one["details"]["nextCursor"] is not None
    refused = ask(zone="Mars/Olympus")["errors"][0]
    assert refused["extensions"]["code"] == "BAD_USER_INPUT"
