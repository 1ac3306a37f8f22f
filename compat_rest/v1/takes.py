"""What a POST takes: a JSON body, described for OpenAPI and read into variables; or several kinds of body."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import Receive, Scope

from schema.resolvers.services import Services
from sonograph.accounts.bill import Bill
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid

# Does what the route is for, with path parameters and members of the body; returns variables of the stored document.
Act = Callable[[Services, Principal, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that is under way, for a route that reads its body itself."""

    services: Services
    bill: Bill
    endpoint: str
    scope: Scope
    receive: Receive
    given: dict[str, Any]  # parameters of path and query
    read: Callable[[dict[str, Any]], Awaitable[str | None]]  # the stored document with variables


Serve = Callable[[Exchange], Awaitable[bytes]]
# Takes what `parse` and the path gave, and the answer; gives what of it is shown.
Trim = Callable[[dict[str, Any], str], str]


@dataclass(frozen=True, slots=True)
class Flow:
    """An answer that comes in pieces: too large for memory. That there is a first one says that nothing is refused."""

    content_type: bytes
    first: bytes
    pieces: AsyncGenerator[bytes]
    file_name: str = ""  # under which it is kept; empty: it is shown


Pour = Callable[[Exchange], Awaitable[Flow]]


@dataclass(frozen=True, slots=True)
class Takes:
    """A JSON body. `parse` gets all of it, and raises `Invalid` for what is no request.

    A route that `serve`s reads its body itself, charges what it costs, and gives the whole answer.
    """

    schema: dict[str, Any]
    sample: dict[str, Any]
    parse: Callable[[bytes], dict[str, Any]]
    maximum: int  # bytes
    act: Act | None = None  # None: the route changes nothing
    serve: Serve | None = None
    trim: Trim | None = None  # None: all of the answer is shown
    others: Mapping[str, Any] = field(default_factory=dict)  # other media types that it takes, for OpenAPI


class NotJson(Invalid):
    """The body is said to be something else: 415."""

    code = "UNSUPPORTED_MEDIA_TYPE"


def json_object(body: bytes, members: str) -> dict[str, Any]:
    """The body as a JSON object; `members` names what belongs into it."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the body must be JSON: {error}") from None
    if not isinstance(given, dict):
        raise Invalid(f"the body must be an object with {members}")
    return given
