"""Errors that go from a process of recognition to the service, which knows nothing of what that one has loaded."""

from sonograph.errors import Invalid, SonographError, Unavailable
from sonograph.recognition.audio.faults import TooLong, Unreadable
from sonograph.recognition.jobs import Refusal

ERRORS: dict[str, type[Invalid | Unavailable]] = {
    error.__name__: error for error in (Unreadable, TooLong, Invalid, Unavailable)
}


def error_of(refusal: Refusal) -> SonographError:
    """The error that a process answered with."""
    kind = ERRORS.get(refusal.error, Unavailable)
    return kind(refusal.message, refusal.field) if issubclass(kind, Invalid) else Unavailable(refusal.message)
