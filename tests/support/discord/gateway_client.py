"""A minimal gateway client, frame by frame."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from tests.support.discord.server_fixture import WAIT_S

GUILDS, MESSAGES, CONTENT, MEMBERS = 1 << 0, 1 << 9, 1 << 15, 1 << 1


class GatewaySocket:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sequence = 0

    async def send(self, op: int, data: Any = None) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def receive_next(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads((await self.socket.receive(timeout=WAIT_S)).data)
        self.sequence = frame["s"] or self.sequence
        return frame

    async def identify(self, token: str, intents: int = GUILDS, **more: Any) -> dict[str, Any]:
        """Receive HELLO, send IDENTIFY, receive READY; return READY's data."""
        assert (await self.receive_next())["op"] == 10
        await self.send(2, {"token": token, "intents": intents, "properties": {}} | more)
        ready = await self.receive_next()
        assert ready["t"] == "READY"
        data: dict[str, Any] = ready["d"]
        return data

    async def wait_for_close(self) -> int | None:
        while not self.socket.closed:
            await self.socket.receive(timeout=WAIT_S)
        return self.socket.close_code
