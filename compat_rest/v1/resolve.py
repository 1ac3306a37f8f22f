"""POST /v1/tracks/resolve: a body in, variables of the stored document out, and the billing members of the answer."""

from typing import Any

import orjson

from compat_rest.v1.takes import Takes, json_object
from sonograph.accounts.credits import Charge
from sonograph.catalog.resolve import MAX_LINES
from sonograph.errors import Invalid

# input_type of the contract -> ResolveBy
INPUT_TYPES = {
    "track_name": "TRACK_NAME",
    "isrc": "ISRC",
    "sonovault_id": "SONOVAULT_ID",
    "spotify_id": "SPOTIFY_ID",
    "applemusic_id": "APPLE_MUSIC_ID",
    "tidal_id": "TIDAL_ID",
    "beatport_id": "BEATPORT_ID",
    "discogs_id": "DISCOGS_ID",
    "musicbrainz_id": "MUSICBRAINZ_ID",
    "youtube_id": "YOUTUBE_ID",
}
MAX_BODY = 512 * 1024  # 100 lines of 5,000 characters
SAMPLE = {"input_type": "isrc", "items": ["GBDUW0000053", "XXFIC0000000"]}

REQUEST_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What to resolve.",
    "properties": {
        "input_type": {"type": "string", "description": "What the items are.", "enum": list(INPUT_TYPES)},
        "items": {
            "type": "array",
            "description": "1 to 100 codes or ids; or names, as an object or as the text `Artist - Title`.",
            "minItems": 1,
            "maxItems": MAX_LINES,
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "integer"},
                    {
                        "type": "object",
                        "properties": {"artist": {"type": "string"}, "title": {"type": "string"}},
                        "required": ["artist", "title"],
                    },
                ]
            },
        },
    },
    "required": ["input_type", "items"],
}
BILLING_SCHEMA: dict[str, Any] = {
    "partial": {"description": "Whether credits ran out before the last item.", "type": "boolean"},
    "processed": {"description": "How many items were looked up.", "type": "integer", "format": "int32"},
    "credits_used": {"description": "What the request cost.", "type": "integer", "format": "int32"},
    "credits_remaining": {"description": "What is left of the month.", "type": "integer", "format": "int32"},
    "message": {"description": "Why items were skipped.", "type": ["string", "null"]},
}


def variables(body: bytes) -> dict[str, Any]:
    """Variables of the document; raises `Invalid` for what is no request. Single lines are never refused here."""
    members = json_object(body, "input_type and items")
    by = INPUT_TYPES.get(members["input_type"]) if isinstance(members.get("input_type"), str) else None
    if by is None:
        raise Invalid(f"input_type must be one of {', '.join(INPUT_TYPES)}", "input_type")
    items = members.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_LINES:
        raise Invalid(f"items must be a list of 1 to {MAX_LINES}", "items")
    return {"by": by, "items": items, "atMost": len(items)}


def envelope(results: str, lines: int, charge: Charge) -> str:
    """The answer around the lines: what was done, and what it cost."""
    processed = min(charge.granted, lines)
    billing = {
        "partial": processed < lines,
        "processed": processed,
        "credits_used": charge.used,
        "credits_remaining": charge.remaining,
        "message": charge.message,
    }
    return f'{{"results":{results},{orjson.dumps(billing)[1:].decode()}'


TAKES = Takes(REQUEST_SCHEMA, SAMPLE, variables, maximum=MAX_BODY)
