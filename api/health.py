"""Liveness and readiness."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sonograph.engine import Engine
from sonograph.errors import SonographError

FILLED = "select exists (select from track) as filled"


async def live(_: Request) -> Response:
    """200 while the process answers at all."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> Response:
    """200 once the database answers, is migrated, and the sandbox catalog is there.

    `limits` counts how often the store of limits did not answer since the start; without it, processes count alone.
    """
    state = request.app.state
    engine: Engine = state.engine
    try:
        filled = (await engine.sandbox.rows(FILLED))[0]["filled"]
    except (SonographError, OSError):
        return JSONResponse({"status": "no database"}, status_code=503)
    if not filled:
        return JSONResponse({"status": "sandbox is being filled"}, status_code=503)
    failures = {"burst": state.throttle.burst.failures, "attempts": state.people.attempts.failures}
    return JSONResponse({"status": "ready", "limits": {"failures": failures}})
