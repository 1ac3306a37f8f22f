"""Run the API: uvicorn with uvloop and httptools, which cost a third of asyncio and h11."""

import signal
import socket
from collections.abc import Sequence

import uvicorn

from api.app import App
from api.protocol import BoundedHttp
from api.websocket_connection import MAX_MESSAGE
from sonograph.errors import Misconfigured
from sonograph.settings import Settings

DRAIN_SECONDS = 10  # for requests under way at a shutdown


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
    uvicorn.run(
        App(settings, test_key, workers),
        host=settings.host,
        port=settings.port,
        http=BoundedHttp,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # api/client_address.py does it, for the proxies of the settings
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=75,
    )
