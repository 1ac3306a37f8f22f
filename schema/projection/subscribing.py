"""Subscriptions in the executor lane: what is listened to, and the answer to each event of it."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, VariableNode
from graphql.execution import Executor, create_source_event_stream, execute_subscription_event
from graphql.language import FieldNode

from schema.projection.executor import Context, whole_floats
from schema.projection.lanes import public_error
from schema.projection.plans import Plan
from sonograph.errors import Unavailable
from sonograph.postgres.trouble import TROUBLE

AFTER = "after"  # the argument that says where a client goes on


class Refused(Exception):  # an answer, not a fault
    """The subscription does not begin: errors in their public form."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("refused")
        self.errors = [public_error(error) for error in errors]


class Execution:
    """One subscription operation with its variables, executed for each event that it listens to."""

    def __init__(self, plan: Plan, context: Context, variables: Mapping[str, Any] | None, name: str | None) -> None:
        """Raises `Refused` where the variables are wrong."""
        executor = Executor.build(
            plan.plans.schema,
            plan.document,
            None,
            context,
            dict(variables or {}),
            name,
            hide_suggestions=plan.plans.hide_suggestions,
        )
        if isinstance(executor, list):
            raise Refused(executor)
        self._executor = executor

    async def source(self) -> Any:
        """What the subscription's field answers: what to listen to. Raises `Refused`."""
        found: Any = create_source_event_stream(self._executor)
        if asyncio.iscoroutine(found):
            found = await found
        if isinstance(found, ExecutionResult):
            raise Refused(found.errors or [])
        return found

    async def answers(self, values: Sequence[Any]) -> list[bytes]:
        """The answer for each value, as JSON. What they need of the database is asked for together.

        Raises `Unavailable` where the database does not answer: asking again later gives the answers whole.
        """
        return list(await asyncio.gather(*(self._answer(value) for value in values)))

    async def _answer(self, value: Any) -> bytes:
        found = execute_subscription_event(self._executor.build_per_event_executor(value))
        result = found if isinstance(found, ExecutionResult) else await found
        answer: dict[str, Any] = {"data": whole_floats(result.data)}
        if result.errors:
            for error in result.errors:
                if isinstance(error.original_error, (Unavailable, *TROUBLE)):
                    raise Unavailable("The database does not answer.") from error
            answer["errors"] = [public_error(error) for error in result.errors]
        return orjson.dumps(answer)


def without_after(plan: Plan, variables: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The variables but for the one that only says where to go on: who resumes at different places shares the rest."""
    given = dict(variables or {})
    for selection in plan.operation.selection_set.selections:
        for argument in selection.arguments or () if isinstance(selection, FieldNode) else ():
            if argument.name.value == AFTER and isinstance(argument.value, VariableNode):
                name = argument.value.name.value
                text = plan.document.loc.source.body if plan.document.loc else ""
                if len(re.findall(rf"\$\s*{name}\b", text)) == 2:  # noqa: PLR2004  # where it is declared, and here
                    given.pop(name, None)
    return given
