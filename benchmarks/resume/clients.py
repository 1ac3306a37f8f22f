"""The clients: programs that listen, come back by their own means, and say in the end which events they got.

A program is called with the service's URL, a key, and the id of the event to begin after. It listens to the account's
plays until it has read an event id from its standard input and got that event; it prints `{"ids": […], "opens": n}`,
the ids in the order in which they came, and how often it was connected.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "tests" / "npm"


class Client(NamedTuple):
    """A program and the npm package it is for; `mode` comes behind the other arguments."""

    package: str
    script: Path
    mode: tuple[str, ...] = ()


CLIENTS: Mapping[str, Client] = {
    "eventsource": Client("eventsource", SCRIPTS / "eventsource_client.js"),
    "graphql-ws": Client("graphql-ws", SCRIPTS / "graphql_ws_subscribe.js"),
    "graphql-sse": Client("graphql-sse", SCRIPTS / "graphql_sse_client.js"),
    "graphql-sse-single": Client("graphql-sse", SCRIPTS / "graphql_sse_client.js", ("single",)),
}
