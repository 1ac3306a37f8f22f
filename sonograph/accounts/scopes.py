"""What a key may be limited to: a short list, so that a key in a browser or a cron job can do one thing alone.

A key without scopes may do everything. `read` is the catalog; the others are named after what they open.
"""

from collections.abc import Iterable

from sonograph.errors import Forbidden, Invalid

SCOPES = {
    "read": "Look up, search and browse the catalog.",
    "identify": "Recognise audio.",
    "suggestions": "Suggest genres, and see one's suggestions.",
    "references": "Add and remove audio by which recordings are known; for reviewers.",
    "streams": "Watch radio streams, and read what they played.",
    "webhooks": "Set up webhooks, and read their deliveries.",
    "account": "See the account's usage, and manage its keys.",
}
READ = "read"


def checked(scopes: Iterable[str] | None) -> list[str] | None:
    """Scopes as they are kept: known ones, each once, in the order of the table; None is all of them."""
    if scopes is None:
        return None
    given = set(scopes)
    unknown = sorted(given - set(SCOPES))
    if unknown or not given:
        wrong = f"{unknown[0][:40]!r} is none of" if unknown else "name at least one of"
        raise Invalid(f"scopes: {wrong} {', '.join(SCOPES)}", "scopes")
    return [scope for scope in SCOPES if scope in given]


def require(allowed: frozenset[str] | None, scope: str) -> None:
    """Refuse what a key's scopes leave out; `Forbidden` names the scope that is missing."""
    if allowed is not None and scope not in allowed:
        raise Forbidden(f"This key has no scope {scope!r}")
