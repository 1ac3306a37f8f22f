"""One door for both lanes: compiled when the plan has a tree, else graphql-core; and REST by stored document."""

import logging
import secrets
from collections.abc import Mapping
from enum import Enum
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLEnumType, GraphQLError, GraphQLLeafType, execute
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.values import VariableValues

from schema.projection.executor import Context, Run, whole_floats
from schema.projection.plans import Plan
from sonograph.catalog.vocabulary import rest_name
from sonograph.errors import SonographError, Unavailable

_log = logging.getLogger(__name__)
_BAD_INPUT = {"code": "BAD_USER_INPUT"}


async def compiled(
    plan: Plan, run: Run, variables: Mapping[str, Any] | None = None, viewer: Any = None
) -> bytes | None:
    """The whole answer as JSON, or None: let the executor answer, also where a find refuses: errors have one form."""
    coerced = plan.variables.coerce(variables or {})
    if type(coerced) is not VariableValues:
        return None
    tree = plan.tree(coerced)
    if tree is None:
        return None
    try:
        statement, values = tree.prepare(plan.plans, coerced, viewer)
        text = await run(statement, values)
    except Unavailable:
        raise  # asking once more would not help
    except (SonographError, GraphQLError):
        return None
    return b'{"data":%b}' % (text or "null").encode()


class _RestExecutor(ExecutorThrowingOnIncremental):
    """Enum values as /v1 writes them."""

    @staticmethod
    def complete_leaf_value(return_type: GraphQLLeafType, result: Any) -> Any:
        if isinstance(return_type, GraphQLEnumType) and isinstance(result, Enum):
            return rest_name(result)
        return ExecutorThrowingOnIncremental.complete_leaf_value(return_type, result)


async def _execute(
    plan: Plan, variables: Mapping[str, Any] | None, operation_name: str | None, context: Context
) -> ExecutionResult:
    result = execute(
        plan.plans.schema,
        plan.document,
        None,
        context,
        dict(variables or {}),
        operation_name,
        executor_class=_RestExecutor if plan.rest else None,
        hide_suggestions=plan.plans.hide_suggestions,
    )
    return result if isinstance(result, ExecutionResult) else await result


async def executed(  # noqa: PLR0913, PLR0917  # an operation, who asks for it, and from where
    plan: Plan,
    run: Run,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    viewer: Any = None,
    services: Any = None,
    client: tuple[str, int] | None = None,
    bill: Any = None,
) -> dict[str, Any]:
    """The answer as graphql-core makes it, errors in their public form."""
    result = await _execute(plan, variables, operation_name, Context(plan, run, viewer, services, client, bill))
    answer: dict[str, Any] = {} if result.data is None and _is_refused(result) else {"data": whole_floats(result.data)}
    if result.errors:
        answer["errors"] = [public_error(e) for e in result.errors]
    return answer


async def answer(  # noqa: PLR0913, PLR0917  # an operation, who asks for it, and from where
    plan: Plan,
    run: Run,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    viewer: Any = None,
    services: Any = None,
    client: tuple[str, int] | None = None,
    bill: Any = None,
) -> bytes:
    """The answer of a plan without errors by whichever lane can give it."""
    if plan.fixed_answer is not None:
        return plan.fixed_answer
    if plan.plans.compiled_reads:
        fast = await compiled(plan, run, variables, viewer)
        if fast is not None:
            return fast
    body = orjson.dumps(await executed(plan, run, variables, operation_name, viewer, services, client, bill))
    if plan.is_introspection and not plan.variables.definitions:
        plan.fixed_answer = body
    return body


async def stored(plan: Plan, run: Run, variables: Mapping[str, Any], viewer: Any = None) -> str | None:
    """A /v1 body: the value at the plan's path of a stored document; None when there is no such row."""
    coerced = plan.variables.coerce(variables)
    if not isinstance(coerced, VariableValues):
        raise coerced[0]
    tree = plan.tree(coerced)
    if tree is None:
        raise TypeError("a stored document must be a plain read")
    statement, values = tree.prepare(plan.plans, coerced, viewer)
    return await run(statement, values)


async def stored_executed(plan: Plan, run: Run, variables: Mapping[str, Any], viewer: Any, services: Any) -> str | None:
    """As `stored`, by the executor: a body that is no plain read. Raises the first error as it was raised."""
    result = await _execute(plan, variables, None, Context(plan, run, viewer, services))
    if result.errors:
        error: Exception = result.errors[0]
        while isinstance(error, GraphQLError) and isinstance(error.original_error, Exception):
            error = error.original_error
        raise error
    value: Any = result.data
    for step in plan.path:
        value = None if value is None else value[step]
    return None if value is None else orjson.dumps(whole_floats(value)).decode()


def public_error(error: GraphQLError) -> dict[str, Any]:
    """An error as clients see it: our own and GraphQL's as they are, accidents masked behind a request id."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    if isinstance(original, SonographError):
        formatted["message"] = original.message
        formatted["extensions"] = {"code": original.code}
        if field := getattr(original, "field", None):
            formatted["extensions"]["field"] = field
        if retry_after := getattr(original, "retry_after", None):
            formatted["extensions"]["retryAfter"] = retry_after
    elif original is None:
        formatted["extensions"] = {**_BAD_INPUT, **(error.extensions or {})}
    else:
        request_id = secrets.token_hex(8)
        _log.error("request %s failed", request_id, exc_info=original)
        formatted["message"] = "Internal error."
        formatted["extensions"] = {"code": "INTERNAL", "requestId": request_id}
    return formatted


def _is_refused(result: ExecutionResult) -> bool:
    """Whether the request failed before any field was executed: such an answer has no `data` (GraphQL, 7.1)."""
    return bool(result.errors) and all(e.path is None for e in result.errors or ())
