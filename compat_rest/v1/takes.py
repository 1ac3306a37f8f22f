"""What a POST takes: a JSON body, described for OpenAPI and read into variables."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from schema.resolvers.services import Services
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid

# Does what the route is for, with path parameters and members of the body; returns variables of the stored document.
Act = Callable[[Services, Principal, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Takes:
    """A JSON body. `parse` gets all of it, and raises `Invalid` for what is no request."""

    schema: dict[str, Any]
    sample: dict[str, Any]
    parse: Callable[[bytes], dict[str, Any]]
    maximum: int  # bytes
    act: Act | None = None  # None: the route changes nothing


def json_object(body: bytes, members: str) -> dict[str, Any]:
    """The body as a JSON object; `members` names what belongs into it."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the body must be JSON: {error}") from None
    if not isinstance(given, dict):
        raise Invalid(f"the body must be an object with {members}")
    return given
