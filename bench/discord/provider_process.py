"""The local Runware with an almost free renderer, in its own process."""

from __future__ import annotations

import asyncio

from bench.discord.server_process import print_json
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.flat_renderer import FlatRenderer


async def serve_provider() -> None:
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        print_json({"base_url": runware.base_url, "api_key": runware.api_key})
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve_provider())
