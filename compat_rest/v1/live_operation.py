"""The feed as OpenAPI describes it: no row of the table of routes, because its answer is no JSON and has no end."""

from typing import Any

from compat_rest.v1.event_stream import GAP
from sonograph.events.event import TYPE_OF, USUAL

PATH = "/v1/streams/live"
_SAMPLE = """:
retry: 2000
event: stream.play.started
data: {"id":"evt_000000000000042","type":"stream.play.started","created":1780315200,"data":{"stream_id":"7",\
"started_at":"2026-06-01T12:00:00Z","track":{"id":1,"title":"One More Time"}}}
id: evt_000000000000042

"""


def _list(name: str, description: str, items: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "array", "items": items, "maxItems": 100}
    described = {"required": False, "description": description, "schema": schema}
    return {"name": name, "in": "query", **described, "style": "form", "explode": False}


def _last(name: str, place: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^evt_[0-9]{1,18}$"}
    return {"name": name, "in": place, "required": False, "description": description, "schema": schema}


def _response(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}


OPERATION: dict[str, Any] = {
    "operationId": "streamsLive",
    "tags": ["Streams"],
    "summary": "What happens on your streams, as it happens",
    "description": "What happens on your streams, as it happens: server-sent events. Each has the name of its type, "
    "its id, and as data the event in JSON (ASCII, one line). A comment comes at once and every 15 seconds.\n\n"
    "Resume by `Last-Event-ID`, as EventSource does by itself, or `last_event_id`: nothing is lost for 24 hours at the "
    f"least. Who resumes from before what is kept is told an event `{GAP}` first.\n\n"
    "The answer is 200 with a `retry` and its end, not an error, while the server restarts or is in trouble, and where "
    "who resumes is over a limit: EventSource gives up for good on any other status. The header `Last-Event-ID` of the "
    "answer, also to HEAD, says after which event it begins.\n\n"
    "For paid plans only: keys of the free plan get a 403. Costs no credits.",
    "parameters": [
        _list("stream_id", "Only these streams.", {"type": "string", "pattern": "^[1-9][0-9]{0,9}$"}),
        _list(
            "types",
            f"Only these types; by default {', '.join(sorted(kind.wire for kind in USUAL))}.",
            {"type": "string", "enum": list(TYPE_OF)},
        ),
        _last("last_event_id", "query", "Begin after this event; `evt_000000000000000` is the oldest that is kept."),
        _last("Last-Event-ID", "header", "The same, and stronger: what EventSource sends when it comes back."),
    ],
    "responses": {
        "200": {
            "description": "Events, until either side ends it.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _SAMPLE}},
        },
        "400": _response("BadRequest"),
        "401": _response("Unauthorized"),
        "403": _response("PaidPlan"),
        "404": _response("NotFound"),
        "429": _response("TooMany"),
    },
}
