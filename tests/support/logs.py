"""Logs in tests: the messages and plain tracebacks of the program, without colours."""

from __future__ import annotations

import structlog


def configure_logs() -> None:
    """Print logs with plain tracebacks, as the program does.

    structlog's own default draws every local variable of a traceback: up to a second on the
    event loop, in which a command can miss the time for its answer.
    """
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
    )
