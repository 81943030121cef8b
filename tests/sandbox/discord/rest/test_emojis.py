"""The pictures of the application's own emojis."""

from __future__ import annotations

import base64
from pathlib import Path

import aiohttp

from sandbox.discord.server import LocalDiscord
from tests.support.discord.server_fixture import APPLICATION, RestClient, encode_picture

PNG = encode_picture(32, 32)
WIDE = {"name": "wide", "image": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"}


async def add_emoji(rest: RestClient) -> str:
    """Give the application an emoji called "wide"; return its id."""
    status, made = await rest("POST", f"/applications/{APPLICATION}/emojis", json=WIDE)
    assert status == 201
    return str(made["id"])


async def test_an_emojis_picture_is_served_also_after_a_restart(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with LocalDiscord.open(data=tmp_path) as local:
            emoji = await add_emoji(RestClient(local, http))
        async with LocalDiscord.open(data=tmp_path) as local:
            for kind in ("png", "webp"):
                async with http.get(f"{local.cdn_base}/emojis/{emoji}.{kind}?size=48") as served:
                    assert (served.status, served.content_type) == (200, "image/png")
                    assert await served.read() == PNG
            for name in ("1.png", f"{emoji}.svg", "x.png", "9" * 40 + ".png"):
                async with http.get(f"{local.cdn_base}/emojis/{name}") as served:
                    assert served.status == 404, name
