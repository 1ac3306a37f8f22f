"""GET /v1/streams/report: what streams played between two moments, as JSON or as a file of rows."""

from datetime import datetime
from typing import Any

from compat_rest.v1.params import Param
from compat_rest.v1.takes import Exchange, Flow
from schema.resolvers.report import UTC_NAME, Form, open_report
from sonograph.errors import Invalid

JSON, CSV = "json", "csv"
DEFAULT_TEMPLATE = "airings"

PARAMS = (
    Param(
        "from",
        "local",
        "Where it begins: airings that began then or later. A day begins at its midnight in `time_zone`.",
        "2026-06-01T00:00:00Z",
        required=True,
    ),
    Param(
        "until",
        "local",
        "Where it ends, at most 92 days later: airings that began before. Of a day, its first midnight counts.",
        "2026-07-01T00:00:00Z",
        required=True,
    ),
    Param("stream_id", "stream", "Of this stream alone."),
    Param("format", "text", "`json`, or `csv` for a file.", JSON, default=JSON),
    Param(
        "template",
        "text",
        "With `csv`, which columns the file has: `airings`, `tracks`, `soundexchange`, `suisa`, or another.",
    ),
    Param(
        "time_zone",
        "text",
        "Zone of `from` and `until` without an offset, and of times in a file, as `Europe/Zurich`; JSON is in UTC.",
        default=UTC_NAME,
    ),
    Param("bom", "flag", "Whether a file begins with a byte order mark, for Excel.", default=False),
)

_TRACK: dict[str, Any] = {
    "track_id": {"description": "Id of the track.", "type": "integer", "format": "int32"},
    "title": {"description": "Title of the track, version included.", "type": "string"},
    "artists": {
        "description": "Whom a listener would name for it.",
        "type": "array",
        "items": {"$ref": "#/components/schemas/TrackArtist"},
    },
    "isrc": {"description": "A representative ISRC of the track.", "type": ["string", "null"]},
}
_PLAYS = {"description": "How often it was on air.", "type": "integer", "format": "int32"}
_STARTED = {"description": "When the airing began.", "type": "string", "format": "date-time"}
_MADE = {
    "label": {"description": "Name of the label of that release.", "type": ["string", "null"]},
    "release": {"description": "Title of the release that the track came out on.", "type": ["string", "null"]},
    "duration": {"description": "Length of the track in seconds.", "type": ["integer", "null"], "format": "int32"},
}


def _list(of: str, description: str) -> dict[str, Any]:
    return {"description": description, "type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


def _object(description: str, members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "description": description, "properties": members, "required": list(members)}


SCHEMAS: dict[str, dict[str, Any]] = {
    "ReportedTrack": _object("A track, and how often it was on air.", {**_TRACK, "plays": _PLAYS}),
    "ReportedAiring": _object("An airing.", {"started_at": _STARTED, **_TRACK, **_MADE}),
    "ReportedStream": _object(
        "What a stream played.",
        {
            "stream_id": {"description": "Id of the stream.", "type": "string"},
            "name": {"description": "Its name.", "type": ["string", "null"]},
            "summary": _list("ReportedTrack", "Its tracks, the most played first."),
            "detail": _list("ReportedAiring", "Its airings, oldest first."),
        },
    ),
    "StreamReport": _object(
        "What streams played between two moments, in UTC.",
        {
            "from": {"description": "Where it begins, itself included.", "type": "string", "format": "date-time"},
            "until": {"description": "Where it ends, itself excluded.", "type": "string", "format": "date-time"},
            "streams": _list("ReportedStream", "The streams that were watched then, oldest first."),
        },
    ),
}
BODY = {"$ref": "#/components/schemas/StreamReport"}
FILE = {"schema": {"type": "string", "description": "Rows as RFC 4180 has them; the first one names the columns."}}


async def pour(exchange: Exchange) -> Flow:
    """The report in pieces, as it is made."""
    given = exchange.given
    if given["format"] not in (JSON, CSV):
        raise Invalid(f"format must be {JSON} or {CSV}", "format")
    if given["template"] and given["format"] != CSV:
        raise Invalid(f"template needs format={CSV}: JSON has no columns to choose", "template")
    template = given["template"] or DEFAULT_TEMPLATE if given["format"] == CSV else None
    opened = await open_report(
        exchange.services,
        exchange.bill.principal,
        datetime.fromisoformat(given["from"]),
        datetime.fromisoformat(given["until"]),
        given["stream_id"],
        Form(template, given["time_zone"], given["bom"]),
    )
    return Flow(opened.content_type.encode(), opened.first, opened.pieces, opened.file_name)
