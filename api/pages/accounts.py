"""All pages around an account."""

from starlette.routing import BaseRoute

from api.pages import account, dashboard, entrance, keys, plan, streams, suggestions, usage


def routes() -> list[BaseRoute]:
    """Sign-up, sign-in and the like, and everything below /dashboard."""
    return [
        route
        for page in (entrance, dashboard, keys, usage, streams, suggestions, plan, account)
        for route in page.routes()
    ]
