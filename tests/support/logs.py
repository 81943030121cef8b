"""Logs in tests: the program's own pipeline; every line is searched for secrets."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from bot.telemetry.logging import configure_logging

_SIGNED_LINK: Final = re.compile(r"[?&](?:ex|is|hm)=[0-9a-f]+")
_LIBRARIES: Final = ("aiohttp", "aiosqlite", "asyncio", "discord", "httpcore", "httpx", "PIL")


class LogWatch:
    """The program's log at level DEBUG, and the secrets that must not be in it."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self._secrets: set[str] = set()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Send all logs through the program's pipeline, with every logger at DEBUG."""
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        self._stream, self._secrets = io.StringIO(), set()
        # no secret is named: what is not hidden at its source or by its form is found
        configure_logging((), stream=self._stream, level="DEBUG")
        root.handlers[:] = [*handlers, *root.handlers]
        for name in (*_LIBRARIES, *map(str, root.manager.loggerDict)):
            if name.partition(".")[0] in _LIBRARIES:
                logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)

    def add_secrets(self, secrets: Iterable[str]) -> None:
        # as they are, and as JSON writes them
        for secret in filter(None, secrets):
            self._secrets |= {secret, json.dumps(secret)[1:-1]}

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def find_leaks(self) -> list[str]:
        """Return the lines with a secret or a signed link, each behind what was found."""
        leaks = []
        for line in self.text.splitlines():
            found = {secret for secret in self._secrets if secret in line}
            if signed := _SIGNED_LINK.search(line):
                found.add(signed[0])
            leaks += [f"{secret}: {line[:2000]}" for secret in found]
        return leaks


LOG_WATCH: Final = LogWatch()
