"""What a member finds on a card and presses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.discord.actors import MemberActor
from sandbox.discord.calls import Call
from tests.house import House, photograph, upload

BUTTON, SELECT = 2, 3
Json = dict[str, Any]


def controls(message: Json) -> Iterator[Json]:
    """Walk all buttons and menus of a message."""
    pending = list(message["components"])
    while pending:
        part = pending.pop(0)
        if "custom_id" in part:
            yield part
        pending += part.get("components", [])


def labels(message: Json) -> list[str]:
    return [part["label"] for part in controls(message) if part["type"] == BUTTON]


def button(message: Json, label: str) -> str:
    """Return the `custom_id` of the button that is called so."""
    return next(
        str(part["custom_id"])
        for part in controls(message)
        if part["type"] == BUTTON and part["label"].startswith(label)
    )


def menu(message: Json) -> Json:
    return next(part for part in controls(message) if part["type"] == SELECT)


def press(member: MemberActor, message: Json, label: str) -> Call:
    return member.press(message, button(message, label))


async def expanded(house: House, member: MemberActor | None = None, **options: Any) -> Json:
    """Let a member expand a picture to the right by 64, and return the message of the result."""
    member = member or house.ana
    given = {"direction": "right", "pixels": 64, **options}
    call = await member.slash("expand", image=upload(photograph()), **given)
    result = await house.posted(call)
    await house.job(call)
    return result
