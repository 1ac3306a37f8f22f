"""Logs: structured, one line an outcome, as text for people or JSON for machines."""

import logging
import sys

import structlog

from sonograph.settings import Settings


def configure(settings: Settings) -> None:
    """Send everything, the standard library's loggers included, through one formatter to stderr."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        # Plain tracebacks: those that structlog draws by rich show local variables, which may be secrets, and take the
        # event loop seconds where there are large ones.
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    logging.getLogger("uvicorn.access").disabled = True  # one line a request costs more than the request
    for chatty in ("tortoise", "uvicorn.error"):  # they tell of every start and end of a connection or process
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    # It shows a stack each time that it finds no database; who needs the database says so in a line.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)


def configured() -> Settings:
    """The settings, once the logs are as they say: what a command begins with."""
    settings = Settings.read()
    configure(settings)
    return settings
