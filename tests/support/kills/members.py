"""Members for a process without Discord: they order, are shown results, and keep a journal.

A killed process has its ledger in its own database; this journal outlives it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

from aiohttp import web

from bot.domain.geometry import Size
from tests.support.services.attachment_server import AttachmentServer

_SMALL: Final = Size(64, 64)
_CYCLE: Final = 10
"""Order kinds repeat with this period."""
_ORDER_KINDS: Final[dict[int, dict[str, Any]]] = {
    1: {"results": 3, "prompt": "unsafe-result-6"},
    2: {"prompt": "unsafe-prompt-6"},
    3: {"gone": True},
    4: {"withdraw": True},
    5: {"message": 5},
    6: {"results": 2},
    7: {"results": 19},
    8: {"cancel": True},
    9: {"pictures": 3},
}
"""Kind zero is plain; kind seven exceeds the member's limit."""
_REFUSED_EVERY: Final = 7
"""Every seventh card is refused once, and is sent again."""
_EDIT_SECONDS: Final = 0.6
"""Seconds that editing a card takes while its job runs."""


@dataclass(slots=True)
class Members:
    """What members have seen.

    `accepted` is each answered order's job by its number ("": refused); `delivered` is each shown
    picture's digest by its image UUID; `failed` is the error code by job.
    """

    url: str = ""
    accepted: dict[int, str] = field(default_factory=dict)
    delivered: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    _attachments: AttachmentServer | None = None
    _cards: int = 0

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Serve on a free loopback port until the context ends."""
        members = cls()
        app = web.Application()
        app.add_routes(
            [web.get("/order", members._give_order), web.post("/{what}", members._record_event)]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        async with AttachmentServer.open() as attachments:
            members._attachments = attachments
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            members.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            try:
                yield members
            finally:
                await runner.cleanup()

    async def _give_order(self, _: web.Request) -> web.Response:
        """Give the next order; an unacknowledged one is repeated, as interactions are."""
        number = len(self.accepted) + 1
        assert self._attachments is not None
        url, length = self._attachments.get_picture(_SMALL)
        kind = _ORDER_KINDS.get(number % _CYCLE, {})
        gone = {"url": f"{url}.gone"} if "gone" in kind else {}
        order = {"number": number, "url": url, "size": length, "results": 1}
        return web.json_response(order | kind | gone)

    async def _record_event(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        match request.match_info["what"]:
            case "accepted":
                self.accepted[body["number"]] = body["job"]
            case "progress":
                await asyncio.sleep(_EDIT_SECONDS)
            case "delivered" | "failed" as what:
                self._cards += 1
                if self._cards % _REFUSED_EVERY == 0:
                    return web.Response(status=503)
                if what == "delivered":
                    self.delivered |= body["pictures"]
                else:
                    self.failed[body["job"]] = body["code"]
        return web.json_response({})
