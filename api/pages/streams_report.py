"""The report of a stream's plays as a download."""

from starlette.routing import BaseRoute


def routes() -> list[BaseRoute]:
    return []
