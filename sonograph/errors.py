"""Domain errors, each with a stable code.

Every skin (GraphQL, /v1, the command line) has one table from codes to its own statuses.
"""

from typing import ClassVar


class SonographError(Exception):
    """Base of all errors that are answers, not accidents: the message is written for the caller."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(SonographError):
    """The input is wrong; `field` names the parameter, as the caller knows it."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(SonographError):
    code = "NOT_FOUND"


class Unauthenticated(SonographError):
    code = "UNAUTHENTICATED"


class EmailNotVerified(SonographError):
    code = "EMAIL_NOT_VERIFIED"


class PlanRequired(SonographError):
    code = "PLAN_REQUIRED"


class QuotaExceeded(SonographError):
    """The month's credits are spent; asking again before the next month is of no use."""

    code = "QUOTA_EXCEEDED"


class RateLimited(SonographError):
    """Too many requests in the last minute; `retry_after` says in how many seconds the next one will be served."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Forbidden(SonographError):
    code = "FORBIDDEN"


class Conflict(SonographError):
    """It is so already, or somebody else was faster: asking again changes nothing."""

    code = "CONFLICT"


class LimitReached(SonographError):
    """There are as many of a thing as there may be, for now or at all; the message says when there may be more."""

    code = "LIMIT_REACHED"


class TooManyAttempts(LimitReached):
    """Passwords or mails were asked for too often; `retry_after` is in seconds."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)  # rounded up
        super().__init__(f"Too many attempts: try again in {minutes} minute{'s' if minutes > 1 else ''}.")
        self.retry_after = retry_after


class Unavailable(SonographError):
    """A part that is needed is not there or busy (a database that does not answer, a folder that cannot be written).

    `retry_after` is in seconds, where it is known when asking again is of use.
    """

    code = "UNAVAILABLE"

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Misconfigured(SonographError):
    """A setting or the machine is wrong; the message says what to change."""

    code = "MISCONFIGURED"
