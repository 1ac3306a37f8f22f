"""Domain errors as /v1 says them: `{"error": text}` and a status."""

from collections.abc import Mapping

import orjson

from sonograph.errors import SonographError

STATUS: Mapping[str, int] = {
    "BAD_USER_INPUT": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "PLAN_REQUIRED": 403,
    "EMAIL_NOT_VERIFIED": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "LIMIT_REACHED": 429,
    "QUOTA_EXCEEDED": 429,
    "RATE_LIMITED": 429,
    "TIMEOUT": 503,
    "UNAVAILABLE": 503,
}
UNAUTHENTICATED = 401
TOO_MANY = 429
NOT_FOUND = "Not found"
NOT_ALLOWED = "Method not allowed"
PENDING = "You have suggested this genre for this track already; it is not reviewed yet."
NOT_JSON = "Send application/json"
TOO_LARGE = "The body is too large"
PAID_ONLY = "This endpoint needs a paid plan"
INTERNAL = "Internal error"

# What GraphQL calls a parameter, where /v1 has another word for it.
WORDS = {"first": "limit", "after": "cursor"}


def status_of(error: SonographError) -> int:
    return STATUS.get(error.code, 500)


def body_of(error: SonographError) -> bytes:
    """The error's text, with the parameter named as /v1 knows it."""
    message, field = error.message, getattr(error, "field", None)
    if field in WORDS and message.startswith(f"{field}:"):
        message = WORDS[field] + message[len(field) :]
    return body(message)


def body(message: str) -> bytes:
    return orjson.dumps({"error": message})
