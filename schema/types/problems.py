"""Why a mutation did nothing: typed answers that clients can match on, instead of errors."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import strawberry

from sonograph.errors import Invalid, SonographError

T = TypeVar("T")
Input = strawberry.argument(description="What to do.")  # what every mutation takes


@strawberry.interface(description="Why nothing was done.")
class Problem:
    message: str = strawberry.field(description="What is wrong, written for people.")


@strawberry.type(description="A value does not fit.")
class InvalidInput(Problem):
    field: str | None = strawberry.field(default=None, description="The member of the input that does not fit.")


@strawberry.type(description="There is no such thing, or it is somebody else's.")
class NotFound(Problem):
    pass


@strawberry.type(description="The account's plan does not include this.")
class PlanRequired(Problem):
    pass


@strawberry.type(description="The month's credits are spent.")
class QuotaExceeded(Problem):
    pass


@strawberry.type(description="There are as many as there may be, for now or at all.")
class LimitReached(Problem):
    pass


@strawberry.type(description="It is so already, or somebody else was faster.")
class Conflict(Problem):
    pass


# What every mutation may answer beside its payload.
Problems = InvalidInput | NotFound | PlanRequired | QuotaExceeded | LimitReached | Conflict
MEMBERS = {"overlap": "overlapHours"}  # of inputs that have another name in the domain
PROBLEMS: dict[str, type[Problem]] = {
    "NOT_FOUND": NotFound,
    "PLAN_REQUIRED": PlanRequired,
    "QUOTA_EXCEEDED": QuotaExceeded,
    "LIMIT_REACHED": LimitReached,
    "CONFLICT": Conflict,
}


def result(name: str) -> Any:
    """What a mutation answers: a union of that name."""
    return strawberry.union(name, description="What was done, or why nothing was.")


async def outcome(work: Awaitable[T]) -> T | Problems:
    """What `work` answers, or the problem that it raised; errors that are no problem of the input go on."""
    try:
        return await work
    except SonographError as error:
        if isinstance(error, Invalid):
            return _invalid(error)
        problem = PROBLEMS.get(error.code)
        if problem is None:
            raise
        return problem(message=error.message)  # type: ignore[return-value]  # each of them is in the union


def _invalid(error: SonographError) -> InvalidInput:
    """With the member named as the input has it."""
    field: str | None = getattr(error, "field", None)
    message = error.message
    if field is not None:
        head, *words = field.split("_")
        member = MEMBERS.get(field) or head + "".join(word.title() for word in words)
        if message.startswith(f"{field}:"):
            message = member + message[len(field) :]
        field = member
    return InvalidInput(message=message, field=field)
