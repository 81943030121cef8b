"""Structured logs: for people on a terminal, JSON elsewhere, never with a secret in them."""

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
    """Remove known secrets, and whatever looks like a token, from every value of a log entry."""

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
    """Route our own and the libraries' logs through one chain to `stream`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        SecretRedactor(secrets),
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
    # they log every request, with tokens in the address, and what the log says better
    for name in ("httpx", "httpcore", "discord"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # it warns of missing voice, and writes a traceback at each reconnect: the bot says so itself
    logging.getLogger("discord.client").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
