"""What Discord is told of the commands changes on purpose alone: members see every word of it."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from bot.ui.client import build_command_payload
from bot.ui.views.picture_upload import PICTURE_TYPES
from tests.support.app_fixture import AppFixture

RECORDED = Path(__file__).parents[2] / "data" / "commands.json"


async def test_the_commands_are_those_on_record(app_fixture: AppFixture) -> None:
    payload = await build_command_payload(app_fixture.app.bot.client.tree)
    text = json.dumps(payload, default=str, ensure_ascii=False, indent=0) + "\n"
    if not RECORDED.exists():
        RECORDED.write_text(text)
    assert RECORDED.read_text() == text, (
        "a change of a command that is meant: delete tests/data/commands.json and run this again"
    )


async def test_discord_is_told_which_files_are_pictures(app_fixture: AppFixture) -> None:
    options = {
        (command["name"], option["name"]): option["file_types"]
        for command in app_fixture.discord.state.commands.all()
        for option in command.get("options", ())
        if "file_types" in option
    }
    names = ("expand", "expand-ratio", "expand-sides", "expand-zoom")
    types = [".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif"]
    assert options == {(name, "image"): types for name in names}
    Image.init()
    formats = {Image.registered_extensions()[each] for each in PICTURE_TYPES}
    assert formats == {"JPEG", "PNG", "WEBP", "GIF"}
