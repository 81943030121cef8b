"""Clients of a local Discord's page, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from sandbox.discord.server import LocalDiscord

Json = dict[str, Any]
DEADLINE_S = 5.0

EXPAND: Json = {
    "name": "expand",
    "description": "Extend a picture",
    "options": [
        {"type": 11, "name": "image", "description": "The picture", "required": True},
        {
            "type": 4,
            "name": "pixels",
            "description": "How many",
            "required": True,
            "min_value": 1,
            "max_value": 2048,
        },
    ],
}
OPERATOR: Json = {
    "name": "operator",
    "description": "For operators",
    "default_member_permissions": "8",
}


class Viewer:
    """One person's page: its frames and the person's actions."""

    def __init__(
        self, page: "PageClient", socket: aiohttp.ClientWebSocketResponse, name: str
    ) -> None:
        self.page = page
        self.socket = socket
        self.id = page.user_id(name)
        self.seen: list[Json] = []

    async def wait_for_frame(
        self, name: str, until: Callable[[Json], bool] = lambda _: True
    ) -> Json:
        """Return the payload of the next frame of this name for which `until` is true."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                frame = json.loads(await self.socket.receive_str())
                self.seen.append(frame)
                if frame["t"] == name and until(frame["d"]):
                    payload: Json = frame["d"]
                    return payload

    async def send_message(self, content: Any) -> aiohttp.ClientResponse:
        body = {"channel_id": self.page.studio, "content": content}
        return await self.page.post_action("messages", self.id, json=body)

    async def dismiss_message(self, message_id: str) -> aiohttp.ClientResponse:
        url = f"{self.page.origin}/_page/messages/{message_id}?user={self.id}"
        return await self.page.http.delete(url)

    async def invoke_command(
        self, data: Json, files: dict[str, bytes] | None = None
    ) -> tuple[int, Json]:
        """Send an interaction as the page does; return status and body."""
        payload = {"type": 2, "channel_id": self.page.studio, "nonce": "7001", "data": data}
        return await self.page.send_interaction(self.id, payload, files)


class PageClient:
    """Requests to one local Discord's page."""

    def __init__(self, discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
        self.discord = discord
        self.http = http
        self.origin = discord.page.rstrip("/")
        self.studio = str(discord.guild.channel_id("studio"))

    def user_id(self, name: str) -> str:
        people = self.discord.state.world.people.values()
        return str(next(each.id for each in people if each.username == name))

    @asynccontextmanager
    async def open_viewer(self, name: str) -> AsyncIterator[tuple[Viewer, Json]]:
        """Open the feed as a person; yield the viewer and the snapshot."""
        url = f"{self.origin}/_page/ws?user={self.user_id(name)}"
        async with self.http.ws_connect(url) as socket:
            viewer = Viewer(self, socket, name)
            yield viewer, await viewer.wait_for_frame("SNAPSHOT")

    async def post_action(self, action: str, user_id: str, **how: Any) -> aiohttp.ClientResponse:
        return await self.http.post(f"{self.origin}/_page/{action}?user={user_id}", **how)

    async def send_interaction(
        self, user_id: str, payload: Any, files: dict[str, bytes] | None = None
    ) -> tuple[int, Json]:
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("payload_json", json.dumps(payload))
        for number, (name, data) in enumerate((files or {}).items()):
            form.add_field(f"files[{number}]", data, filename=name)
        response = await self.post_action("interactions", user_id, data=form)
        text = await response.text()
        return response.status, json.loads(text) if text else {}


def build_expand_data(filename: str = "a.png", *, pixels: Any = 256) -> Json:
    options = [
        {"name": "image", "type": 11, "value": "0"},
        {"name": "pixels", "type": 4, "value": pixels},
    ]
    attachments = [{"id": "0", "filename": filename}]
    return {"name": "expand", "type": 1, "options": options, "attachments": attachments}
