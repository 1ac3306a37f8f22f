"""Run the API: uvicorn with uvloop and httptools, which cost a third of asyncio and h11."""

import signal
from collections.abc import Sequence

import uvicorn

from api.app import App
from api.protocol import BoundedHttp
from sonograph.settings import Settings

DRAIN_SECONDS = 10  # for requests under way at a shutdown


def serve(settings: Settings, test_key: str | None = None, workers: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then let requests under way finish. `workers`: see `App`."""
    # uvicorn raises the signal again when it has drained: SIGTERM's default would make an orderly end a failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        App(settings, test_key, workers),
        host=settings.host,
        port=settings.port,
        http=BoundedHttp,
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=75,
    )
