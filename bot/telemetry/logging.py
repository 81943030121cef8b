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
    r"|(?<=\?)(?:[\w.~%-]+=[^\s&\"'<>\\)\]]*&?)+"  # a link's query, which may be its signature
)
_OWN_LOGGERS: Final = frozenset({"bot", "cogs"})


class SecretRedactor:
    """Remove known secrets and anything like a token from log entries, and from rendered lines."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def redact_values(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Redact the values that are text, as a renderer may escape them."""
        return {
            key: self.redact_text(value) if isinstance(value, str) else value
            for key, value in event.items()
        }

    def redact_line(self, _logger: WrappedLogger, _method: str, line: Any) -> str:
        """Redact the rendered line, in which all other values are text too."""
        return self.redact_text(str(line))

    def redact_text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _TOKEN_PATTERNS.sub(_HIDDEN, text)


class _LibraryFilter(logging.Filter):
    """Drop what libraries log below WARNING, whatever the levels of their loggers.

    Such entries contain SQL values, URLs with tokens, and whole messages.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        own = record.name.partition(".")[0] in _OWN_LOGGERS
        return own or record.levelno >= logging.WARNING


def configure_logging(
    secrets: Iterable[str], *, stream: TextIO = sys.stderr, level: str = "INFO"
) -> None:
    """Send our own and the libraries' logs through the same processors to `stream`."""
    redactor = SecretRedactor(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        redactor.redact_values,  # last, so that tracebacks and extra fields are redacted too
    ]
    terminal = stream.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
                redactor.redact_line,
            ],
        )
    )
    handler.addFilter(_LibraryFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # it warns of missing voice support and logs tracebacks of reconnects, which we log ourselves
    logging.getLogger("discord.client").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
