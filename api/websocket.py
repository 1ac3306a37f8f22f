"""GraphQL over WebSocket: the protocol graphql-transport-ws
(https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

Any origin may connect: nothing that a browser sends by itself (a cookie) is taken for authentication, a key is needed.
"""

import asyncio
import logging
from collections import Counter
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from api.graphql import GraphQLEndpoint
from api.websocket_connection import INTERNAL, LATER, SEND_SECONDS, Closed, Connection, Gone

PROTOCOL = "graphql-transport-ws"
MAX_CONNECTIONS = 200  # of one account in one process
BAD_PROTOCOL = 4406

_log = logging.getLogger(__name__)


class GraphQLSocket:
    """The WebSocket side of the endpoint. Operations are answered by the same function as over HTTP."""

    def __init__(self, endpoint: GraphQLEndpoint) -> None:
        self.endpoint = endpoint
        self._connections = Counter[int]()  # by account
        self._changes = set[asyncio.Task[None]]()  # mutations of clients that went away: they are finished

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        offered = PROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if offered else None})
        if not offered:
            reason = f"Subprotocol not acceptable: use {PROTOCOL}"
            await send({"type": "websocket.close", "code": BAD_PROTOCOL, "reason": reason})
            return
        connection = Connection(self.endpoint, scope, receive, send)
        account: int | None = None
        try:
            account = self._counted((await connection.begin()).account_id)
            await connection.serve()
        except Gone:
            pass
        except Closed as closed:
            await _close(send, closed.code, closed.reason)
        except Exception:  # noqa: BLE001  # the last line of defence, and the only one that logs an accident
            _log.exception("a WebSocket connection failed")
            await _close(send, INTERNAL, "Internal error")
        finally:
            if account is not None:
                self._connections[account] -= 1
                if not self._connections[account]:
                    del self._connections[account]
            for task in connection.end():
                self._changes.add(task)
                task.add_done_callback(self._changes.discard)

    def _counted(self, account: int) -> int:
        if self._connections[account] >= MAX_CONNECTIONS:
            raise Closed(LATER, "Too many connections of this account")
        self._connections[account] += 1
        return account

    async def drain(self) -> None:
        """Wait for mutations whose clients went away."""
        if self._changes:
            await asyncio.wait(self._changes, timeout=SEND_SECONDS)


async def _close(send: Send, code: int, reason: str) -> None:
    with suppress(OSError, TimeoutError):  # whoever is gone already needs no goodbye
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "websocket.close", "code": code, "reason": reason})
