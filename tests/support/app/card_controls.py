"""The buttons and menus on a card, and clicking on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload

BUTTON, SELECT = 2, 3
Json = dict[str, Any]


def list_controls(message: Json) -> Iterator[Json]:
    """Iterate over all buttons and menus of a message."""
    pending = list(message["components"])
    while pending:
        part = pending.pop(0)
        if "custom_id" in part:
            yield part
        pending += part.get("components", [])


def list_labels(message: Json) -> list[str]:
    return [part["label"] for part in list_controls(message) if part["type"] == BUTTON]


def find_button(message: Json, label: str) -> str:
    """Return the `custom_id` of the button whose label starts with `label`."""
    return next(
        str(part["custom_id"])
        for part in list_controls(message)
        if part["type"] == BUTTON and part["label"].startswith(label)
    )


def find_menu(message: Json) -> Json:
    return next(part for part in list_controls(message) if part["type"] == SELECT)


def press_button(member: MemberActor, message: Json, label: str) -> TrackedInvocation:
    return member.press(message, find_button(message, label))


async def expand_picture(
    app_fixture: AppFixture, member: MemberActor | None = None, **options: Any
) -> Json:
    """Let a member expand a picture to the right by 64; return the result's message."""
    member = member or app_fixture.ana
    given = {"direction": "right", "pixels": 64, **options}
    call = await member.slash("expand", image=encode_upload(draw_photograph()), **given)
    result = await app_fixture.wait_for_result(call)
    await app_fixture.wait_for_job(call)
    return result
