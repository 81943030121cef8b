"""Messages that show pictures in tests: to whom, behind spoilers or not, and sharing them."""

from __future__ import annotations

from typing import Any, Final

from sandbox.discord.actors.member import MemberActor
from tests.support.app.card_controls import press_button
from tests.support.app_fixture import AppFixture, is_ephemeral, list_media, list_parts

Json = dict[str, Any]
SHARE: Final = "Show it to everybody"
_ORDINARY_CHANNELS: Final = ("studio", "gallery")


def shows_private_picture(message: Json) -> bool:
    return is_ephemeral(message) and bool(list_media(message))


def shows_public_picture(message: Json) -> bool:
    return not is_ephemeral(message) and bool(list_media(message))


def list_public_pictures(app_fixture: AppFixture, *channels: str) -> list[Json]:
    """Return the messages of the bot in these channels that show pictures to everybody."""
    return [
        message
        for channel in channels or _ORDINARY_CHANNELS
        for message in app_fixture.discord.guild.messages(channel)
        if message["author"].get("bot") and shows_public_picture(message)
    ]


def list_spoilers(message: Json) -> list[bool]:
    """Return for each shown picture whether it is behind a spoiler."""
    items = [item for part in list_parts(message) for item in part.get("items", [])]
    return [item["spoiler"] for item in items]


async def compare_picture(member: MemberActor, result: Json) -> Json:
    """Compare a result with its original; return the private answer."""
    return await press_button(member, result, "Compare").message(shows_private_picture)


async def share_file(member: MemberActor, made: Json) -> Json:
    """Show a comparison or film to everybody; return the public message."""
    return await press_button(member, made, SHARE).message(shows_public_picture)


async def share_comparison(member: MemberActor, result: Json) -> Json:
    """Compare a result and show that to everybody; return the public message."""
    return await share_file(member, await compare_picture(member, result))
