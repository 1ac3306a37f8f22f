"""The routes of streams: what their bodies hold, and what is done with them."""

from typing import Any

import orjson

from compat_rest.v1.params import Param
from compat_rest.v1.takes import Exchange, Takes, json_object
from schema.resolvers import streams as watching
from schema.resolvers.services import Services
from schema.types.viewer_streams import LIST
from sonograph.accounts.principal import Principal
from sonograph.catalog.vocabulary import rest_name
from sonograph.egress.urls import LONGEST
from sonograph.errors import Invalid
from sonograph.monitoring.streams import MAX_NAME, Change, Wish
from sonograph.monitoring.vocabulary import DetectionMode, StreamFormat
from sonograph.postgres.found import encode_cursor

MAX_BODY = 16 * 1024
PAGE = 100  # streams that are read at once
FORMATS = {rest_name(member): member for member in StreamFormat}
MODES = {rest_name(member): member for member in DetectionMode}
MEMBERS = ("url", "name", "format", "detection_mode", "outage_notifications")
NEEDED = f"at least one of {', '.join(MEMBERS)}"

STREAM_ID = Param("id", "stream", "Id of the stream.", "1", in_path=True, required=True)
SINCE = Param("since", "time", "Airings that began later; `started_at` of the newest one that you have.")

_PROPERTIES: dict[str, dict[str, Any]] = {
    "url": {
        "type": "string",
        "description": "Where it is heard: an audio stream, or a playlist of one.",
        "maxLength": LONGEST,
    },
    "name": {"type": ["string", "null"], "description": "Its name.", "maxLength": MAX_NAME},
    "format": {
        "type": ["string", "null"],
        "description": "What it plays; null where that is not known.",
        "enum": [*FORMATS, None],
    },
    "detection_mode": {
        "type": "string",
        "description": "How sure a recognition must be.",
        "enum": [*MODES],
        "default": rest_name(DetectionMode.BALANCED),
    },
    "outage_notifications": {
        "type": "boolean",
        "description": "Whether outages are told by e-mail; events are written in any case.",
        "default": False,
    },
}
CREATE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A stream to watch.",
    "properties": _PROPERTIES,
    "required": ["url"],
}
CHANGE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What shall be otherwise; null clears name and format.",
    "properties": {
        name: {key: value for key, value in schema.items() if key != "default"} for name, schema in _PROPERTIES.items()
    },
    "required": [],
    "minProperties": 1,
}


def wish(body: bytes) -> dict[str, Any]:
    """A new stream; raises `Invalid`. Unknown members are ignored, as unknown parameters are."""
    given = _members(json_object(body, "url"))
    if "url" not in given:
        raise Invalid("url is required", "url")
    return {"wish": Wish(**{name: value for name, value in given.items() if value is not None or name == "url"})}


def change(body: bytes) -> dict[str, Any]:
    """What is changed of a stream; raises `Invalid`."""
    given = _members(json_object(body, NEEDED))
    if not given:
        raise Invalid(f"{NEEDED} is needed")
    return {"change": Change(**given), "sent": tuple(given)}


def _members(given: dict[str, Any]) -> dict[str, Any]:
    """Known members as the domain has them; raises `Invalid`, which names the member."""
    members = {name: given[name] for name in MEMBERS if name in given}
    for name, values in (("format", FORMATS), ("detection_mode", MODES)):
        if name not in members or (value := members[name]) is None:
            continue
        if not isinstance(value, str) or value not in values:
            raise Invalid(f"{name} must be one of {', '.join(values)}", name)
        members[name] = values[value]
    for name, kind, what in (("url", str, "text"), ("name", str, "text"), ("outage_notifications", bool, "a flag")):
        value = members.get(name)
        if name in members and not isinstance(value, kind) and not (name == "name" and value is None):
            raise Invalid(f"{name} must be {what}", name)
    if members.get("detection_mode", "") is None:
        raise Invalid(f"detection_mode must be one of {', '.join(MODES)}", "detection_mode")
    if "url" in members and not members["url"]:
        raise Invalid("url must not be empty", "url")
    return members


async def create(services: Services, viewer: Principal, given: dict[str, Any]) -> dict[str, Any]:
    """Watch a stream; the answer is read back by its number."""
    return {"id": (await watching.create(services, viewer, given["wish"])).id}


async def update(services: Services, viewer: Principal, given: dict[str, Any]) -> dict[str, Any]:
    """Change a stream; the answer is read back by its number."""
    return {"id": (await watching.change(services, viewer, given["id"], given["change"])).id}


def only_sent(given: dict[str, Any], answer: str) -> str:
    """Of a changed stream its id, and the members that were sent."""
    stream = orjson.loads(answer)
    return orjson.dumps({name: stream[name] for name in ("id", *given["sent"])}).decode()


async def stop(exchange: Exchange) -> bytes:
    """Watch a stream no longer: the same answer whether it was watched or not."""
    await watching.stop(exchange.services, exchange.bill.principal, exchange.given["id"])
    return b""


async def every(exchange: Exchange) -> bytes:
    """All streams in one list, read by pages, so that many do not hold up who else is served."""
    streams, cursor = list[Any](), None
    while True:
        page = orjson.loads(await exchange.read({"limit": PAGE, "cursor": cursor}) or "{}")["streams"]
        streams += page
        if len(page) < PAGE:
            return orjson.dumps({"streams": streams})
        cursor = encode_cursor(LIST, [page[-1]["id"]])


SAMPLE = {"url": "https://radio.example.net/live.mp3", "name": "Radio Example", "format": "pop"}
CREATE = Takes(CREATE_SCHEMA, SAMPLE, wish, maximum=MAX_BODY, act=create)
UPDATE = Takes(
    CHANGE_SCHEMA, {"name": "Example FM", "format": None}, change, maximum=MAX_BODY, act=update, trim=only_sent
)
