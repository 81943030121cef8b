"""`file_types` of attachment options and upload fields, as Discord documents it since 2026-08."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.model.errors import DiscordError
from sandbox.discord.validation.commands import check_commands
from sandbox.discord.validation.modals import check_modal

Json = dict[str, Any]
GOOD: list[list[str]] = [["image"], ["image", ".pdf"], [".PNG"], [f".{n}" for n in range(10)]]
BAD: list[Any] = [
    *([], "image", [5], ["images"], ["png"], ["."], ["." + "x" * 16]),
    [f".{n}" for n in range(11)],
]


def build_command(file_types: Any, kind: int = 11) -> list[Json]:
    option = {"type": kind, "name": "image", "description": "A picture", "file_types": file_types}
    return [{"name": "expand", "description": "Expand", "options": [option]}]


def build_modal(file_types: Any) -> Json:
    upload = {"type": 19, "custom_id": "files", "file_types": file_types}
    label = {"type": 18, "label": "Files", "component": upload}
    return {"custom_id": "form", "title": "Form", "components": [label]}


@pytest.mark.parametrize("file_types", GOOD)
def test_groups_and_extensions_are_stored_and_sent_to_clients(file_types: list[str]) -> None:
    (command,) = check_commands(build_command(file_types))
    assert command["options"][0]["file_types"] == file_types
    (label,) = check_modal(build_modal(file_types))["components"]
    assert label["component"]["file_types"] == file_types


@pytest.mark.parametrize("file_types", BAD)
def test_anything_else_is_refused_at_its_place(file_types: Any) -> None:
    with pytest.raises(DiscordError, match="50035") as caught:
        check_commands(build_command(file_types))
    assert "file_types" in str(caught.value.errors)
    with pytest.raises(DiscordError, match="50035") as caught:
        check_modal(build_modal(file_types))
    assert "file_types" in str(caught.value.errors)


def test_an_option_without_a_file_has_no_file_types() -> None:
    (command,) = check_commands(build_command(["image"], kind=3))
    assert "file_types" not in command["options"][0]
