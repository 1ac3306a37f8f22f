"""All pages around an account."""

from starlette.routing import BaseRoute

from api.pages import keys, usage


def routes() -> list[BaseRoute]:
    return [*keys.routes(), *usage.routes()]
