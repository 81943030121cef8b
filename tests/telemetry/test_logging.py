"""What the program's log hides, whoever logs it and in whatever form."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.telemetry.logging import configure_logging

TOKEN = "MTIz.Gabcde.secretsecret"
CANARY = "canary-of-a-member"
SIGNED = "https://cdn.example/attachments/1/2/a.png?ex=68a1b2c3&is=689fbeef&hm=0123456789abcdef&"
HIDDEN_PARTS = (TOKEN, "68a1b2c3", "689fbeef", "0123456789abcdef", "aW50ZXJhY3Rpb246")
LIBRARIES = ("aiosqlite", "httpx", "httpcore.http11", "discord.gateway", "aiohttp.access", "PIL")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Configure the log at its most talkative, with the secret that the program knows."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    lines = io.StringIO()
    configure_logging((TOKEN,), stream=lines, level="DEBUG")
    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_libraries_log_in_passing_is_dropped(stream: io.StringIO, name: str) -> None:
    library = logging.getLogger(name)
    level = library.level
    library.setLevel(logging.DEBUG)  # even of one that has a level of its own
    for write in (library.debug, library.info):
        write("executing %s with %s", "INSERT", CANARY)
    library.setLevel(level)
    assert stream.getvalue() == ""


VALUES: dict[str, Any] = {
    "text": f"GET {SIGNED} with Bot {TOKEN}",
    "error": OSError(f"cannot read {SIGNED} {TOKEN}"),
    "nested": {"urls": [SIGNED, (TOKEN, SIGNED)]},
    "bytes": f"{SIGNED} {TOKEN}".encode(),
    "callback": "POST /api/v10/interactions/123/aW50ZXJhY3Rpb246/callback",
    "webhook": {"path": "/webhooks/123/aW50ZXJhY3Rpb246/messages/@original"},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_tokens_and_signed_links_are_hidden_in_any_value(stream: io.StringIO, value: Any) -> None:
    structlog.get_logger("bot.anything").warning("happened", value=value)
    logging.getLogger("discord.http").warning("happened %s", value)
    error = ValueError(value)
    structlog.get_logger("cogs.anything").error("happened", exc_info=error)
    logging.getLogger("asyncio").error("happened", exc_info=error, extra={"more": value})
    lines = stream.getvalue().splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["warning"] * 2 + ["error"] * 2
    assert [part for part in HIDDEN_PARTS if part in stream.getvalue()] == []
    assert all("[hidden]" in line for line in lines)


def test_what_is_no_secret_stays_readable(stream: io.StringIO) -> None:
    structlog.get_logger("bot.anything").info(
        "moved?", job_id="abcdefghijkm", why="a?b=c is hidden"
    )
    line = json.loads(stream.getvalue())
    assert (line["event"], line["job_id"]) == ("moved?", "abcdefghijkm")
