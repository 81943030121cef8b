"""What Discord is told of the commands changes on purpose alone: members see every word of it."""

from __future__ import annotations

import json
from pathlib import Path

from bot.ui.client import build_command_payload
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
