"""Run the API: uvicorn with uvloop and httptools, which cost a third of asyncio and h11."""

import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from api.app import App
from api.protocol import BoundedHttp
from api.websocket_connection import MAX_MESSAGE
from api.websocket_protocol import LeanWebSocket
from sonograph.errors import Misconfigured
from sonograph.settings import Settings

DRAIN_SECONDS = 10  # for requests under way at a shutdown


class DrainingServer(uvicorn.Server):
    """Tells the application of a shutdown before it waits for connections to end: some of them never do."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A start that still waits for the database ends."""
        self._app.leaving = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Feeds and subscriptions are ended with a word on how to go on; then as uvicorn does."""
        await self._app.drain()
        await super().shutdown(sockets)


def check_address(settings: Settings) -> None:
    """Refuse an address that cannot be listened on before anything is started for it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "there is no such port"
            raise Misconfigured(
                f"Cannot listen on {settings.host}, port {settings.port}: {reason}. "
                "Set SONOGRAPH_PORT or SONOGRAPH_HOST to another one."
            ) from error


def serve(settings: Settings, test_key: str | None = None, workers: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then let requests under way finish. `workers`: see `App`."""
    check_address(settings)
    # uvicorn raises the signal again when it has drained: SIGTERM's default would make an orderly end a failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    app = App(settings, test_key, workers)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=BoundedHttp,
        ws=LeanWebSocket,
        ws_per_message_deflate=False,  # 40 KiB a connection, and what is sent to many could not be framed once
        ws_max_size=MAX_MESSAGE,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # api/client_address.py does it, for the proxies of the settings
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=75,
    )
    server = DrainingServer(config, app)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
