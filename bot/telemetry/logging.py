"""Structured logs without secrets: readable on a terminal, JSON elsewhere."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_HIDDEN: Final = "[hidden]"
_TOKEN_PATTERNS: Final = re.compile(
    r"(?<=/interactions/)\d+/[^/\s]+"  # an interaction's token in a URL
    r"|(?<=/webhooks/)\d+/[^/\s?]+"
    r"|(?<=Bearer )\S+|(?<=Bot )[\w-]+\.[\w-]+\.[\w-]+"
    r"|(?<=hm=)[0-9a-f]{16,}"  # the signature of an attachment's link
)


class SecretRedactor:
    """Remove known secrets and anything like a token from all values of a log entry."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {key: self._redact_value(value) for key, value in event.items()}

    def _redact_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for secret in self._secrets:
            value = value.replace(secret, _HIDDEN)
        return _TOKEN_PATTERNS.sub(_HIDDEN, value)


def configure_logging(
    secrets: Iterable[str], *, stream: TextIO = sys.stderr, level: str = "INFO"
) -> None:
    """Send our own and the libraries' logs through the same processors to `stream`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        SecretRedactor(secrets),  # last, so that tracebacks and extra fields are redacted too
    ]
    terminal = stream.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # they log every request with tokens in its URL; our own entries are enough
    for name in ("httpx", "httpcore", "discord"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # it warns of missing voice support and logs tracebacks of reconnects, which we log ourselves
    logging.getLogger("discord.client").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
