"""POST /v1/tracks/{id}/suggestions: a genre that a track should have."""

from typing import Any

from compat_rest.v1.takes import Takes, json_object
from schema.resolvers.services import Services
from schema.resolvers.suggestions import suggest
from sonograph.accounts.principal import Principal
from sonograph.accounts.suggestions import MAX_NOTE
from sonograph.errors import Invalid
from sonograph.ids import MAX_INT

SAMPLE = {"genreId": 1004, "note": "As its label says."}
REQUEST_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What to suggest.",
    "properties": {
        "genreId": {
            "type": "integer",
            "format": "int32",
            "description": "Id of the genre or subgenre, as `/v1/genres` lists it.",
            "minimum": 1,
            "maximum": MAX_INT,
        },
        "note": {"type": ["string", "null"], "description": "Why.", "maxLength": MAX_NOTE},
    },
    "required": ["genreId"],
}


def variables(body: bytes) -> dict[str, Any]:
    """Genre and note; raises `Invalid`."""
    members = json_object(body, "genreId")
    genre, note = members.get("genreId"), members.get("note")
    if isinstance(genre, str) and genre.isascii() and genre.isdecimal() and len(genre) <= len(str(MAX_INT)):
        genre = int(genre)  # forms send text
    if type(genre) is not int:
        raise Invalid("genreId must be a whole number" if "genreId" in members else "genreId is required", "genreId")
    if note is not None and not isinstance(note, str):
        raise Invalid("note must be text", "note")
    return {"genreId": genre, "note": note}


async def act(services: Services, viewer: Principal, given: dict[str, Any]) -> dict[str, Any]:
    """Make the suggestion; the answer is read back by its number."""
    made = await suggest(services.engine, viewer, given["id"], given["genreId"], given["note"])
    return {"id": made.id}


TAKES = Takes(REQUEST_SCHEMA, SAMPLE, variables, maximum=16 * 1024, act=act)
