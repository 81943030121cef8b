"""Forms; what is filled in comes back as a press with fields, also after a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.order import Attachment
from bot.domain.prompt import MAX_LENGTH
from bot.domain.request import Direction
from bot.ui.actions import Action
from bot.ui.buttons import Controls
from bot.ui.wording import shortened
from bot.ui.wording_controls import (
    DIRECTIONS,
    TITLES,
    direction_field,
    factor_field,
    picture_field,
    pixels_field,
    prompt_field,
)
from bot.ui.wording_moderation import block_fields, report_field
from bot.ui.wording_settings import TITLES as SECTION_TITLES
from bot.ui.wording_settings import Section

FACTOR, PROMPT, PIXELS, DIRECTION, PICTURE = "factor", "prompt", "pixels", "direction", "picture"
REASON, DAYS = "reason", "days"
"""The names of the fields, as they come back."""
_LABEL = 100


def factor(controls: Controls, *row: object) -> ui.Modal:
    """Ask for a zoom of the member's own."""
    form = _form(controls, Action.ZOOM_ASK, Action.ZOOM_FORM, *row)
    _add(form, factor_field(controls.say), _line(FACTOR, "1.8", 8))
    return form


def prompt(controls: Controls, asks: Action, answers: Action, *row: object, text: str) -> ui.Modal:
    """Ask for what the new area should show; the present prompt stands there already."""
    form = _form(controls, asks, answers, *row)
    _add(form, prompt_field(controls.say), _paragraph(text))
    return form


def menu(controls: Controls, draft: str, pictures: Sequence[Attachment]) -> ui.Modal:
    """Ask for picture, direction, amount and prompt."""
    say = controls.say
    form = _form(controls, Action.MENU_FORM, Action.MENU_FORM, draft)
    if len(pictures) > 1:
        options = [
            discord.SelectOption(
                label=shortened(f"{number}. {picture.filename}", _LABEL), value=str(number - 1)
            )
            for number, picture in enumerate(pictures, start=1)
        ]
        options[0].default = True
        _add(form, picture_field(say), ui.Select(custom_id=PICTURE, options=options))
    ways = [
        discord.SelectOption(label=say(name), value=way, default=way is Direction.ALL)
        for way, name in DIRECTIONS.items()
    ]
    _add(form, direction_field(say), ui.Select(custom_id=DIRECTION, options=ways))
    _add(form, pixels_field(say), _line(PIXELS, "256", 4, default="256"))
    _add(form, prompt_field(say), _paragraph(""))
    return form


def report(controls: Controls, *row: object) -> ui.Modal:
    """Ask what is wrong with a picture."""
    form = _form(controls, Action.REPORT, Action.REPORT_FORM, *row)
    _add(form, report_field(controls.say), _short(REASON, most=500))
    return form


def block(controls: Controls, *row: object) -> ui.Modal:
    """Ask why and how long a member is blocked."""
    form = _form(controls, Action.BLOCK_FORM, Action.BLOCK_FORM, *row)
    reason, days = block_fields(controls.say)
    _add(form, reason, _short(REASON, most=200))
    _add(form, days, _short(DAYS, most=4))
    return form


def numbers(
    controls: Controls, section: Section, fields: Mapping[str, tuple[str, str, str]], guild: int
) -> ui.Modal:
    """Ask for a section's values by name: what each is called, what it is now, what empty means."""
    form = _form(controls, Action.SETTINGS_ASK, Action.SETTINGS_FORM, guild, section)
    form.title = controls.say(SECTION_TITLES[section])
    for name, (title, now, empty) in fields.items():
        _add(form, (title, ""), _short(name, most=40, default=now, example=empty))
    return form


def _form(controls: Controls, asks: Action, answers: Action, *row: object) -> ui.Modal:
    title = controls.say(TITLES[asks])
    form = ui.Modal(title=title, custom_id=controls.seal.mark(answers, *row))
    # the router answers it: nothing waits in memory
    form.stop()
    return form


def _add(form: ui.Modal, words: tuple[str, str], field: ui.Item[Any]) -> None:
    text, description = words
    form.add_item(ui.Label(text=text, description=description or None, component=field))


def _line(name: str, example: str, most: int, default: str | None = None) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=name, placeholder=example, max_length=most, default=default, required=True
    )


def _short(name: str, *, most: int, default: str = "", example: str = "") -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=name,
        placeholder=example or None,
        max_length=most,
        default=default or None,
        required=False,
    )


def _paragraph(text: str) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=PROMPT,
        style=discord.TextStyle.paragraph,
        max_length=MAX_LENGTH,
        default=text or None,
        required=False,
    )
