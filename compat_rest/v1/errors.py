"""Domain errors as /v1 says them: `{"error": text}` and a status."""

from collections.abc import Mapping, Sequence

import orjson

from sonograph.errors import SonographError

STATUS: Mapping[str, int] = {
    "ABORTED": 400,  # nobody hears it
    "BAD_USER_INPUT": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "PLAN_REQUIRED": 403,
    "EMAIL_NOT_VERIFIED": 403,
    "NOT_FOUND": 404,
    "TOO_SLOW": 408,
    "CONFLICT": 409,
    "TOO_LARGE": 413,
    "TOO_LONG": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "LIMIT_REACHED": 429,
    "QUOTA_EXCEEDED": 429,
    "RATE_LIMITED": 429,
    "TIMEOUT": 503,
    "UNAVAILABLE": 503,
}
UNAUTHENTICATED = 401
TOO_MANY = 429
UNAVAILABLE = 503
NOT_FOUND = "Not found"
NOT_ALLOWED = "Method not allowed"
PENDING = "You have suggested this genre for this track already; it is not reviewed yet."
NOT_JSON = "Send application/json"
PAID_ONLY = "This endpoint needs a paid plan"
INTERNAL = "Internal error"

# What GraphQL calls a parameter, where /v1 has another word for it.
WORDS = {"first": "limit", "after": "cursor"}


def status_of(error: SonographError) -> int:
    return STATUS.get(error.code, 500)


def headers_of(error: SonographError) -> Sequence[tuple[bytes, bytes]]:
    """How to authenticate, and when to ask again of what is busy; the burst limit says that with its own headers."""
    status, wait = status_of(error), getattr(error, "retry_after", None)
    if status == UNAUTHENTICATED:
        return ((b"www-authenticate", b"Bearer"),)
    return ((b"retry-after", b"%d" % wait),) if status == UNAVAILABLE and wait is not None else ()


def body_of(error: SonographError) -> bytes:
    """The error's text, with the parameter named as /v1 knows it."""
    message, field = error.message, getattr(error, "field", None)
    if field in WORDS and message.startswith(f"{field}:"):
        message = WORDS[field] + message[len(field) :]
    return body(message)


def body(message: str) -> bytes:
    return orjson.dumps({"error": message})
