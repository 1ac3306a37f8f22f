"""A route as OpenAPI describes it: parameters, notes, the request that the example answers."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from compat_rest.v1 import report
from compat_rest.v1.params import MAX_TEXT, Param
from compat_rest.v1.routes import Route
from compat_rest.v1.shapes import Body
from sonograph.ids import MAX_INT


def operation(route: Route, body: Body, example: Any) -> dict[str, Any]:
    """The Operation Object of a route; `example` is the answer to the sample request, None where there is none yet."""
    request: dict[str, Any] = {}
    if route.takes:
        asked = {"schema": route.takes.schema, "example": route.takes.sample}
        request = {"requestBody": {"required": True, "content": {"application/json": asked, **route.takes.others}}}
    several = route.takes is not None and route.takes.others
    wrong_type, unavailable = ("NotAudio", "Busy") if several else ("NotJson", "Unavailable")
    answer: dict[str, Any] = {"description": route.summary}
    if body.schema is not None:
        content = {"schema": body.schema} if example is None else {"schema": body.schema, "example": example}
        answer["content"] = {"application/json": content, **({"text/csv": report.FILE} if route.pour else {})}
    return {
        "operationId": operation_id(route),
        "tags": [route.tag],
        "summary": route.summary.split(";")[0].rstrip("."),
        "description": "\n\n".join([route.summary, *_notes(route)]),
        "parameters": list(_parameters(route)),
        **request,
        "responses": {
            str(route.status): answer,
            "400": _response("BadRequest"),
            "401": _response("Unauthorized"),
            "403": _response("PaidPlan" if route.paid else "Forbidden"),
            **({"404": _response("NotFound")} if body.may_miss else {}),
            **({"409": _response("Conflict")} if route.takes and route.takes.act else {}),
            **({"413": _response("TooLarge"), "415": _response(wrong_type)} if request else {}),
            "429": _response("TooMany"),
            "503": _response(unavailable),
        },
    }


def operation_id(route: Route) -> str:
    return route.operation[0].lower() + route.operation[1:]


def sample(route: Route) -> dict[str, Any]:
    """Parameters of the example request: all that have an example, of those that exclude each other the first.

    The reference page fills its form with them, so they must make a request that works.
    """
    chosen = {p.name: p.example for p in route.params if p.example not in (None, p.default)}
    if route.one_of:
        first = next(p for p in route.one_of.params if p.example is not None)
        chosen[first.name] = first.example
    return chosen


def sample_target(route: Route) -> str:
    """Path and query string of the example request."""
    chosen = sample(route)
    path = route.path
    for param in route.params:
        if param.in_path:
            path = path.replace(f"{{{param.name}}}", quote(str(chosen.pop(param.name)), safe=""))
    return f"{path}?{urlencode(chosen)}" if chosen else path


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    chosen = sample(route)
    for param in (*route.params, *(route.one_of.params if route.one_of else ())):
        parameter: dict[str, Any] = {
            "name": param.name,
            "in": "path" if param.in_path else "query",
            "required": param.required,
            "description": param.description,
            "schema": _schema(param),
        }
        if param.name in chosen:
            parameter["example"] = chosen[param.name]
        elif param.example not in (None, param.default):
            parameter["description"] += f" For example `{param.example}`."
        yield parameter


def _schema(param: Param) -> dict[str, Any]:
    schema: dict[str, Any]
    match param.kind:
        case "int":
            schema = {"type": "integer", "format": "int32", "minimum": param.minimum, "maximum": param.maximum}
        case "row":
            schema = {"type": "integer", "format": "int32", "minimum": 1, "maximum": MAX_INT}
        case "date":
            schema = {"type": "string", "format": "date"}
        case "flag":
            schema = {"type": "boolean"}
        case "time" | "local":
            schema = {"type": "string", "format": "date-time"}
        case "text" | "isrc" | "iswc" | "stream":
            schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
    return schema if param.default is None else {**schema, "default": param.default}


def _notes(route: Route) -> Iterator[str]:
    if route.one_of:
        yield f"Exactly one of {_names(p.name for p in route.one_of.params)} is needed."
    if route.needs_any:
        yield f"At least one of {_names(route.needs_any)} is needed."
    names = {p.name for p in route.params}
    if names >= {"genre", "genreId"}:
        yield "`genre` and `genreId` exclude each other."
    if "cursor" in names:
        yield "Pages: pass `next_cursor` as `cursor`, until it is null."
    if route.paid:
        yield "For paid plans only: keys of the free plan get a 403."


def _names(names: Iterator[str] | tuple[str, ...]) -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} and {last}" if most else last


def _response(name: str) -> Mapping[str, str]:
    return {"$ref": f"#/components/responses/{name}"}
