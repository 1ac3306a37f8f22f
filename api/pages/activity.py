"""The audit log in words."""

from collections.abc import Mapping
from typing import Any, Final

from sonograph.accounts.audit import Entry

WORDS: Final = {
    "account.created": "Account made",
    "account.sign_up_repeated": "Somebody signed up with your address again",
    "account.verified": "E-mail address verified",
    "account.exported": "Everything exported",
    "session.started": "Signed in",
    "session.refused": "Sign-in refused: wrong password",
    "session.ended": "Signed out",
    "password.reset_asked": "Link for a new password asked for",
    "password.changed": "Password changed",
    "email.change_asked": "Change of e-mail address asked for",
    "email.changed": "E-mail address changed",
    "key.created": "Key made",
    "key.renamed": "Key renamed",
    "key.rotated": "Key rotated",
    "key.revoked": "Key revoked",
    "plan.changed": "Plan changed",
    "entitlement.changed": "Streams changed",
    "reviewer.changed": "Right to review changed",
}


def words(entry: Entry) -> str:
    return WORDS.get(entry.action, entry.action)


def detail(entry: Entry) -> str:
    """What the line is about, as short text: "CI svk_live_…3f9K"."""
    told = entry.detail
    if entry.action.startswith("key."):
        changed = " → ".join(filter(None, (_key(told), _key(told.get("new")), told.get("new_name"))))
        by = told.get("by_key")
        return f"{changed}, by {by['hint']} ({by['key_id']})" if by else changed
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in told.items() if _is_plain(value))


def _key(told: Mapping[str, Any] | None) -> str:
    return f"{told.get('name', '')} {told.get('hint', '')}".strip() if told else ""


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) and value != ""
