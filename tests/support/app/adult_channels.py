"""Age-restricted channels in tests, and which pictures the others show."""

from __future__ import annotations

from typing import Any

from tests.support.app_fixture import AppFixture, is_ephemeral, list_media, list_parts

Json = dict[str, Any]
DEN = "den"
"""An age-restricted channel."""
ORDINARY = ("studio", "gallery")


def add_adult_channel(app_fixture: AppFixture) -> str:
    """Add an age-restricted channel; return its name."""
    app_fixture.discord.guild.add_channel(DEN, nsfw=True)
    return DEN


def list_public_pictures(app_fixture: AppFixture, *channels: str) -> list[Json]:
    """Return the messages of the bot in these channels that show pictures to everybody."""
    return [
        message
        for channel in channels or ORDINARY
        for message in app_fixture.discord.guild.messages(channel)
        if not is_ephemeral(message) and message["author"].get("bot") and list_media(message)
    ]


def list_spoilers(message: Json) -> list[bool]:
    """Return for each shown picture whether it is behind a spoiler."""
    items = [item for part in list_parts(message) for item in part.get("items", [])]
    return [item["spoiler"] for item in items]
