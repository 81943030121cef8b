"""The local Runware with a renderer that costs next to nothing, in a process of its own."""

from __future__ import annotations

import asyncio

from bench.discord.serving import tell
from bench.provider.flat import FlatRenderer
from sandbox.runware.server import LocalRunware


async def serve() -> None:
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        tell({"base_url": runware.base_url, "api_key": runware.api_key})
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
