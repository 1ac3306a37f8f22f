"""A small real server around the explorers: a schema and an OpenAPI document of its own, both refusing other keys."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.types.info import Info

from api.pages.explorers import Explorers, wants_html

TEST_KEY = "svk_test_EXPLORERTESTS"
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Sonograph", "version": "1"},
    "servers": [{"url": "http://public.example"}],
    "components": {"securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}}},
    "security": [{"ApiKey": []}],
    "paths": {
        "/v1/genres": {
            "get": {
                "operationId": "genres",
                "summary": "All genres",
                "tags": ["Genres"],
                "responses": {"200": {"description": "The genres", "content": {"application/json": {}}}},
            }
        }
    },
}


@strawberry.type
class ArtistName:
    name: str


@strawberry.type
class TrackArtist:
    artist: ArtistName
    is_primary: bool


@strawberry.type
class TrackRelease:
    title: str
    release_date: str


@strawberry.type
class PlatformLink:
    source: str
    external_id: str
    url: str | None


@strawberry.type
class Track:
    title: str
    artists: list[TrackArtist]
    releases: list[TrackRelease]
    links: list[PlatformLink]


@strawberry.input(one_of=True)
class TrackBy:
    isrc: strawberry.Maybe[str]
    database_id: strawberry.Maybe[int]


@strawberry.type
class Query:
    @strawberry.field
    def track(self, info: Info, by: TrackBy) -> Track | None:
        if by.isrc is None or info.context["key"] != TEST_KEY:
            return None
        return Track(
            title=f"The recording {by.isrc.value}",
            artists=[TrackArtist(artist=ArtistName(name="Somebody"), is_primary=True)],
            releases=[TrackRelease(title="The release", release_date="2001-03-12")],
            links=[PlatformLink(source="SPOTIFY", external_id="abc", url=None)],
        )


def service(explorers: Explorers) -> Starlette:
    schema = strawberry.Schema(query=Query)

    async def graphql(request: Request) -> Response:
        if request.method == "GET" and wants_html(request.headers.get("accept", "")):
            return await explorers.graphiql(request)
        key = request.headers.get("x-api-key")
        if key != TEST_KEY:
            return JSONResponse({"errors": [{"message": "Missing or invalid API key"}]}, status_code=401)
        body = await request.json()
        result = await schema.execute(
            body["query"],
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
            context_value={"key": key},
        )
        errors = [error.formatted for error in result.errors or []]
        return JSONResponse({"data": result.data} | ({"errors": errors} if errors else {}))

    async def openapi(_: Request) -> Response:
        return JSONResponse(OPENAPI)

    async def genres(request: Request) -> Response:
        if request.headers.get("x-api-key") != TEST_KEY:
            return JSONResponse({"error": "Missing or invalid API key"}, status_code=401)
        return JSONResponse([{"name": "House", "type": "electronic"}])

    return Starlette(
        routes=[
            *explorers.routes(),
            Route("/graphql", graphql, methods=["GET", "POST"]),
            Route("/openapi.json", openapi),
            Route("/v1/genres", genres),
        ]
    )


@contextmanager
def running(app: Starlette) -> Iterator[int]:
    """The port of a uvicorn that serves the app on 127.0.0.1 from a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = monotonic() + 10
            while not server.started:
                assert monotonic() < deadline
                sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
