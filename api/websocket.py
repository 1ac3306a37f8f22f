"""GraphQL over WebSocket: the protocol graphql-transport-ws
(https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

Any origin may connect: nothing that a browser sends by itself (a cookie) is taken for authentication, a key is needed.
"""

import asyncio
import logging

from starlette.types import Receive, Scope, Send

from api.live import Live
from api.websocket_connection import INTERNAL, LATER, SEND_SECONDS, Closed, Connection, Gone
from api.websocket_protocol import LeanWebSocket
from sonograph.errors import LimitReached
from sonograph.events.outlet import OUTLET

PROTOCOL = "graphql-transport-ws"
BAD_PROTOCOL = 4406

_log = logging.getLogger(__name__)


class GraphQLSocket:
    """The WebSocket side of the endpoint. Operations are answered by the same function as over HTTP."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._changes = set[asyncio.Task[None]]()  # mutations of clients that went away: they are finished

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        outlet: LeanWebSocket = scope["extensions"][OUTLET]
        offered = PROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if offered else None})
        if not offered:
            outlet.close_now(BAD_PROTOCOL, f"Subprotocol not acceptable: use {PROTOCOL}")
            return
        connection = Connection(self._live, scope, receive, outlet)
        try:
            with self._live.connections.counted(await connection.begin()):
                await connection.serve()
        except Gone:
            pass
        except LimitReached as error:
            outlet.close_now(LATER, error.message)
        except Closed as closed:
            outlet.close_now(closed.code, closed.reason)
        except Exception:  # noqa: BLE001  # the last line of defence, and the only one that logs an accident
            _log.exception("a WebSocket connection failed")
            outlet.close_now(INTERNAL, "Internal error")
        finally:
            for task in connection.end():
                self._changes.add(task)
                task.add_done_callback(self._changes.discard)

    async def drain(self) -> None:
        """Wait for mutations whose clients went away."""
        if self._changes:
            await asyncio.wait(self._changes, timeout=SEND_SECONDS)
