"""A subscription over graphql-transport-ws."""

from collections.abc import Callable

import orjson

from api.answer import Answer
from api.listener import Listener
from api.subscribing import Subscribed
from api.websocket_protocol import text_header
from sonograph.errors import NotFound, SonographError
from sonograph.events.member import Ending
from sonograph.events.outlet import Outlet


class SocketListener(Listener):
    """One operation of a connection. `ended` is told why it is over."""

    __slots__ = ("_ended", "_head", "name")

    def __init__(
        self, outlet: Outlet, subscribed: Subscribed, name: str, ended: Callable[["SocketListener", Ending], None]
    ) -> None:
        super().__init__(outlet, subscribed)
        self.name, self._ended = name, ended
        self._head = b'{"id":%b,"type":"next","payload":' % orjson.dumps(name)

    def framed(self, answer: Answer) -> bytes:
        head = self._head
        return b"%b%b%b}" % (text_header(len(head) + len(answer) + 1), head, answer)

    def end(self, why: Ending) -> None:
        if why is Ending.REFUSED:
            self.fail(NotFound("There is no such stream any more."))
        self._ended(self, why)

    def fail(self, error: SonographError) -> None:
        problem = {"message": error.message, "extensions": {"code": error.code}}
        message = orjson.dumps({"id": self.name, "type": "error", "payload": [problem]})
        self.outlet.put(text_header(len(message)) + message)
