"""Identifying audio, for both skins: who may, what it costs, and the parts of the service that do it."""

from schema.resolvers.services import Services
from sonograph.accounts import scopes
from sonograph.accounts.principal import Principal
from sonograph.errors import PlanRequired, Unavailable
from sonograph.recognition.recogniser import MOST_TRACKS, Recogniser
from sonograph.recognition.uploads.uploads import Uploads

SCOPE = "identify"
PAID_ONLY = "Identifying audio needs a paid plan."
FINGERPRINT_CREDITS = 10
MEGABYTE = 2**20  # bytes; of audio each costs a credit more, one that has begun as well
TOP = 5  # tracks in an answer, if not told otherwise
MOST_TOP = MOST_TRACKS
MOST_SECONDS = 7200  # that may be listened to
OFF = "Nothing is identified by this process."


def check_identifier(viewer: Principal) -> None:
    """Whether the key may identify audio; raises `Forbidden` and `PlanRequired`."""
    scopes.require(viewer.scopes, SCOPE)
    if not viewer.paid:
        raise PlanRequired(PAID_ONLY)


def price_of(size: int) -> int:
    """Credits for a file of so many bytes."""
    return FINGERPRINT_CREDITS + max(1, -(-size // MEGABYTE))


def recogniser_of(services: Services) -> Recogniser:
    """What identifies; raises `Unavailable` where there is nothing that does."""
    if services.recogniser is None:
        raise Unavailable(OFF)
    return services.recogniser


def uploads_of(services: Services) -> Uploads:
    """The files that callers send; raises `Unavailable` where none are taken."""
    if services.uploads is None:
        raise Unavailable(OFF)
    return services.uploads
