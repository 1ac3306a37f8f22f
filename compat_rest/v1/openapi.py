"""The OpenAPI 3.1 document of /v1: from the table of routes, the stored documents and the GraphQL schema."""

import json
from collections.abc import Callable
from functools import cache
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from compat_rest.body import TOO_LARGE
from compat_rest.v1 import errors, identify, live_operation
from compat_rest.v1.operations import operation
from compat_rest.v1.routes import LIMIT, ROUTES
from compat_rest.v1.shapes import Shapes
from schema.build import build
from sonograph.errors import Invalid

EXAMPLES = Path(__file__).with_name(
    "examples.json"
)  # method and path of the route → body; `compat_rest.v1.examples` writes it
INTRODUCTION = Path(__file__).with_name("introduction.md")
TAGS = {
    "Tracks": "Recordings: search, codes, links to other platforms, compositions.",
    "Recognition": "Which recording a clip or a fingerprint is of.",
    "Artists": "Artists and their releases.",
    "Labels": "Record labels, their artists and releases.",
    "Releases": "Albums, singles and compilations, each one record for all its editions.",
    "Genres": "The canonical genres and subgenres.",
    "Streams": "Radio streams that are watched, and what was heard on them.",
    "Suggestions": "Genres that tracks should have: suggested, reviewed, approved or rejected.",
}
INVALID_KEY = "Missing or invalid API key"
UNVERIFIED = "Email not verified"
PAID = errors.PAID_ONLY
UNAVAILABLE = "All database connections are busy."
BUSY = "Too much audio is being identified just now. Try again later."


def openapi(base_url: str | None = None) -> dict[str, Any]:
    """The document for a server at `base_url`, by default the host that serves it. Shared: not to be changed."""
    openapi_version, info, rest = _document()
    return {"openapi": openapi_version, "info": info, "servers": [{"url": base_url or "/"}], **rest}


def render() -> str:
    """The text of the committed openapi.json."""
    return json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n"


def examples() -> dict[str, Any]:
    """An answer of the sandbox for each route that has a body, by its key."""
    answers: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return answers


@cache
def _document() -> tuple[str, dict[str, Any], dict[str, Any]]:
    shapes = Shapes(build()._schema)  # noqa: SLF001  # Strawberry has no public name for it
    answers = examples()
    paths: dict[str, Any] = {}
    for route in ROUTES:
        told = operation(route, shapes.body(route), answers.get(route.key))
        paths.setdefault(route.path, {})[route.method.lower()] = told
    paths[live_operation.PATH] = {"get": live_operation.OPERATION}
    package = metadata("sonograph")
    info = {
        "title": "Sonograph REST API",
        "summary": package["Summary"],
        "description": INTRODUCTION.read_text(encoding="utf-8").strip(),
        "license": {"name": "Apache License 2.0", "identifier": package["License-Expression"]},
        "version": package["Version"],
    }
    rest = {
        "security": [{"apiKey": []}, {"bearer": []}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {**dict(sorted(shapes.components.items())), "Error": _error_schema()},
            "responses": _error_responses(),
            "securitySchemes": {
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-api-key",
                    "description": "A key, `svk_live_…` or `svk_test_…`.",
                },
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The same key, for clients that know no other header.",
                },
            },
        },
    }
    return "3.1.0", info, rest


def _error_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Why there is no answer.",
        "properties": {"error": {"description": "What is wrong, written for the caller.", "type": "string"}},
        "required": ["error"],
    }


def _error_responses() -> dict[str, Any]:
    search = ROUTES[0].params[0]
    return {
        "BadRequest": _error(
            "A parameter is missing or does not fit; the text names it.",
            missing=_refusal(lambda: search.parse(None)),
            unfit=_refusal(lambda: LIMIT.parse("0")),
        ),
        "Unauthorized": _error("The key is missing, malformed, unknown or revoked.", key=INVALID_KEY),
        "Forbidden": _error("The account's e-mail is not verified yet.", unverified=UNVERIFIED),
        "PaidPlan": _error(
            "The plan does not include this route, or the account's e-mail is not verified yet.",
            plan=PAID,
            unverified=UNVERIFIED,
        ),
        "NotFound": _error("There is no such row.", missing=errors.NOT_FOUND),
        "Conflict": _error("It is so already, or waits for a review.", pending=errors.PENDING),
        "TooLarge": _error("The body is over its bound.", size=TOO_LARGE),
        "NotJson": _error("The body is not sent as JSON.", type=errors.NOT_JSON),
        "NotAudio": _error("The body is neither JSON nor audio.", type=identify.WRONG_TYPE),
        "TooMany": {
            **_error(
                "Too many requests in a minute, with `Retry-After`; or the month's credits are spent, without it.",
                burst="Too many requests: 20 in 60 seconds are included; try again in 7 seconds",
                month="The monthly quota of 1000 credits is spent or too little is left; it begins again on 2026-12-01",
            ),
            "headers": {
                "Retry-After": {"description": "Seconds to wait, of the burst alone.", "schema": {"type": "integer"}}
            },
        },
        "Unavailable": _error("The catalog does not answer in time; try again.", busy=UNAVAILABLE),
        "Busy": {
            **_error("Too much is being identified, or the catalog does not answer in time; try again.", busy=BUSY),
            "headers": {"Retry-After": {"description": "Seconds to wait, where known.", "schema": {"type": "integer"}}},
        },
    }


def _error(description: str, **texts: str) -> dict[str, Any]:
    named = {name: {"value": {"error": text}} for name, text in texts.items()}
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": description, "content": {"application/json": {"schema": schema, "examples": named}}}


def _refusal(parse: Callable[[], object]) -> str:
    """The text of the error that a parameter answers with."""
    try:
        parse()
    except Invalid as error:
        return error.message
    raise AssertionError("this parameter does not fit")
