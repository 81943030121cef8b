"""Alt text of attachments."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.geometry import Size
from bot.domain.order import Attachment
from bot.ui.interactions.message_pictures import to_attachment


def test_an_attachment_keeps_its_alt_text() -> None:
    data: Any = {
        "id": "1",
        "filename": "a.png",
        "size": 10,
        "url": "https://cdn.example/a.png",
        "proxy_url": "https://media.example/a.png",
        "content_type": "image/png",
        "width": 640,
        "height": 480,
        "description": "a lake at dusk",
    }
    state: Any = None
    assert to_attachment(discord.Attachment(data=data, state=state)) == Attachment(
        "https://cdn.example/a.png",
        "a.png",
        10,
        "image/png",
        Size(640, 480),
        description="a lake at dusk",
    )
    del data["description"]
    assert to_attachment(discord.Attachment(data=data, state=state)).description == ""
