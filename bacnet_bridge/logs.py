"""Logging: structlog everywhere; lines for people on a terminal, JSON elsewhere, on standard error.

Secrets are kept out by construction: they live in `SecretStr`, are never bound to a line, and tracebacks show no local
variables (structlog's own choice, where rich is installed, shows them: a request's `Authorization` among them).
The last net is `redaction`: every line passes it as the text that is written, ours, the libraries', and tracebacks.
"""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bacnet_bridge.redaction import HIDDEN, hide, names_secret

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: Literal["debug", "info", "warning", "error"], form: Literal["auto", "human", "json"]) -> None:
    """Send our own lines and the libraries' through one chain. Times are UTC."""
    human = form == "human" or (form == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_named_secrets,
    ]
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if human
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Redacting(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
    for noisy in ("bacpypes3", "apscheduler", "aiohttp", "asyncio"):
        logging.getLogger(noisy).setLevel(max(LEVELS[level], logging.WARNING))


def _without_named_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """By the names of what is bound: a terminal's colours stand between name and value afterwards."""
    return {name: HIDDEN if names_secret(name) else value for name, value in event.items()}


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """Nothing comes after it but the stream."""

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record))
