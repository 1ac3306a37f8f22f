"""POST /v1/tracks/identify: a fingerprint as JSON, or the bytes of a file, which go to disk as they come."""

from typing import Any

import orjson

from compat_rest.body import chunks, content_type, declared_size, read_body
from compat_rest.v1.params import Param
from compat_rest.v1.takes import Exchange, Takes, json_object
from schema.projection.executor import whole_floats
from schema.resolvers.identify import (
    FINGERPRINT_CREDITS,
    MOST_SECONDS,
    MOST_TOP,
    TOP,
    check_identifier,
    price_of,
    recogniser_of,
    uploads_of,
)
from sonograph.errors import Invalid
from sonograph.recognition.answer import Found
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.fingerprints import FEWEST, HIGHEST, LOWEST, MOST, of_numbers
from sonograph.recognition.references import from_bytes
from sonograph.recognition.sandbox.load import shipped
from sonograph.recognition.uploads.arrivals import MOST_BYTES, check_size

JSON, BYTES, AUDIO = "application/json", "application/octet-stream", "audio/"
MAX_BODY = 2 * 2**20  # of JSON: 50,000 items take 650 kB with blanks, and twice that where each has a line
LONGEST = 24 * 3600  # seconds of a fingerprint_duration
DIGITS = 4  # of confidence
EMPTY = "The body is empty: send the bytes of an audio file"
WRONG_TYPE = f"Send {JSON} with a fingerprint, or an audio file as {BYTES} or {AUDIO}*"

TOP_N = Param("top_n", "int", "How many tracks at most, 1 to 25.", default=TOP, maximum=MOST_TOP)
PARAMS = (
    Param(
        "length",
        "int",
        "Of a file: listen to the first so many seconds. Without it, to all of it.",
        maximum=MOST_SECONDS,
    ),
    TOP_N,
)
REQUEST_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A fingerprint.",
    "properties": {
        "fingerprint": {
            "type": "array",
            "description": "What `fpcalc -raw` prints: numbers of 32 bits, signed or unsigned.",
            "minItems": FEWEST,
            "maxItems": MOST,
            "items": {"type": "integer", "format": "int64", "minimum": LOWEST, "maximum": HIGHEST},
        },
        "fingerprint_duration": {
            "type": ["number", "null"],
            "description": "Seconds of the audio, as `fpcalc` prints them. Not needed.",
            "minimum": 0,
            "maximum": LONGEST,
        },
        "top_n": {
            "type": ["integer", "null"],
            "format": "int32",
            "description": TOP_N.description,
            "minimum": 1,
            "maximum": MOST_TOP,
            "default": TOP,
        },
    },
    "required": ["fingerprint"],
}
FILE_SCHEMA: dict[str, Any] = {
    "schema": {
        "type": "string",
        "format": "binary",
        "description": f"A file in any form that FFmpeg decodes, at most 100 MB ({MOST_BYTES:,} bytes).",
    }
}
FRAGMENT = "IdentifiedTrack"  # of the stored document, to which each result adds its confidence
CONFIDENCE_SCHEMA: dict[str, Any] = {
    "description": "How likely it is right: of answers with 0.9, nine in ten are.",
    "type": "number",
    "format": "double",
}
MATCHED_SCHEMA: dict[str, Any] = {"description": "Whether anything was recognised.", "type": "boolean"}
COST_SCHEMA: dict[str, Any] = {
    "description": "What the request cost: nothing with test keys.",
    "type": "integer",
    "format": "int32",
}


class NotAudio(Invalid):
    """Neither of the bodies that the route takes: 415."""

    code = "UNSUPPORTED_MEDIA_TYPE"


def fingerprint(body: bytes) -> dict[str, Any]:
    """The items and `top_n` of a JSON body; raises `Invalid`."""
    members = json_object(body, "fingerprint")
    if "fingerprint" not in members:
        raise Invalid("fingerprint is required", "fingerprint")
    duration, top = members.get("fingerprint_duration"), members.get("top_n")
    if duration is not None and not (type(duration) in (int, float) and 0 <= duration <= LONGEST):
        raise Invalid("fingerprint_duration must be a number of seconds", "fingerprint_duration")
    if top is not None and not (type(top) is int and 1 <= top <= MOST_TOP):
        raise Invalid(f"top_n must be a whole number from 1 to {MOST_TOP}", "top_n")
    return {"items": of_numbers(members["fingerprint"]), "top": TOP if top is None else top}


async def serve(exchange: Exchange) -> bytes:
    """Whichever body it is: paid for, identified, and answered with the tracks."""
    check_identifier(exchange.bill.principal)
    kind = content_type(exchange.scope)
    if kind == JSON:
        given = fingerprint(await read_body(exchange.scope, exchange.receive, MAX_BODY))
        return await _of_fingerprint(exchange, given["items"], given["top"])
    if kind == BYTES or kind.startswith(AUDIO):
        return await _of_file(exchange)
    raise NotAudio(WRONG_TYPE)


async def _of_fingerprint(exchange: Exchange, items: Items, top: int) -> bytes:
    recogniser, test = recogniser_of(exchange.services), exchange.bill.principal.test
    async with exchange.bill.reserved(exchange.endpoint, FINGERPRINT_CREDITS) as reservation:
        found = await recogniser.of_fingerprint(items, test=test, top=top)
        return await _answer(exchange, found, reservation.used)


async def _of_file(exchange: Exchange) -> bytes:
    """The price is taken before the first byte; of a file that does not say its size, the least it may cost."""
    services, viewer = exchange.services, exchange.bill.principal
    recogniser, uploads = recogniser_of(services), uploads_of(services)
    declared = declared_size(exchange.scope)
    check_size(declared)
    if declared == 0:
        raise Invalid(EMPTY)
    async with (
        exchange.bill.reserved(exchange.endpoint, price_of(declared or 1)) as reservation,
        uploads.arrivals.receive(viewer.account_id, chunks(exchange.receive), declared=declared) as arrived,
    ):
        if not arrived.size:
            raise Invalid(EMPTY)
        await reservation.reserve(price_of(arrived.size))
        found = await recogniser.of_file(
            arrived.path, test=viewer.test, top=exchange.given["top_n"], length=exchange.given["length"]
        )
        return await _answer(exchange, found, reservation.used)


async def _answer(exchange: Exchange, found: list[Found], charged: int) -> bytes:
    """Title and artists are read as every track of /v1 is; a track that was deleted a moment ago is left out."""
    rows = orjson.loads(await exchange.read({"ids": [one.track_id for one in found]}) or "[]") if found else []
    results = [
        {**row["track"], "confidence": round(one.confidence, DIGITS)}
        for row, one in zip(rows, found, strict=True)
        if row["track"] is not None
    ]
    answer = {"matched": bool(results), "results": results, "credits_charged": charged}
    return orjson.dumps(whole_floats(answer))


# Ten seconds of a song of the sandbox.
_SONG = from_bytes(shipped().songs[0].chromaprint)
SAMPLE: dict[str, Any] = {"fingerprint": _SONG[160:240].tolist(), "fingerprint_duration": 12.5, "top_n": 1}
TAKES = Takes(
    REQUEST_SCHEMA,
    SAMPLE,
    fingerprint,
    maximum=MAX_BODY,
    serve=serve,
    others={BYTES: FILE_SCHEMA, f"{AUDIO}*": FILE_SCHEMA},
)
