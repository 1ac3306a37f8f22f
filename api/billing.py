"""POST /billing/stripe: Stripe's webhook."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from compat_rest.body import BodyTooLarge, BodyTooSlow, read_body
from sonograph.accounts.billing import Billing
from sonograph.accounts.stripe_billing.driver import StripeBilling
from sonograph.errors import Invalid, Unavailable

MAX_BODY = 512 * 1024


async def stripe(request: Request) -> Response:
    """204 for what was taken, and what needs nothing; 503 where Stripe shall try again."""
    billing: Billing = request.app.state.billing
    if not isinstance(billing, StripeBilling):
        return JSONResponse({"error": "Not found"}, status_code=404)
    try:
        body = await read_body(request.scope, request.receive, MAX_BODY)
        await billing.hear(body, request.headers.get("stripe-signature"))
    except BodyTooLarge:
        return JSONResponse({"error": "The body is too large"}, status_code=413)
    except BodyTooSlow:
        return JSONResponse({"error": "The body did not arrive in time"}, status_code=408)
    except Invalid as error:
        return JSONResponse({"error": error.message}, status_code=400)
    except Unavailable as error:
        return JSONResponse({"error": error.message}, status_code=503)
    return Response(status_code=204)


def routes() -> list[Route]:
    """Routes outside of the API."""
    return [Route("/billing/stripe", stripe, methods=["POST"])]
