"""Forms; what is filled in comes back as a press with fields, also after a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.ids import DraftId, JobId
from bot.domain.order import Attachment, PictureRef
from bot.domain.prompt import MAX_PROMPT_LENGTH
from bot.domain.request import Direction
from bot.ui.actions import Action
from bot.ui.i18n.formatting import shorten_text
from bot.ui.texts.controls import (
    DIRECTIONS,
    MODAL_TITLES,
    direction_field,
    factor_field,
    picture_field,
    pixels_field,
    prompt_field,
)
from bot.ui.texts.moderation import block_fields, report_field
from bot.ui.texts.settings.table import SECTION_TITLES
from bot.ui.views.components import Controls
from bot.ui.views.payloads import SectionPayload

FACTOR, PROMPT, PIXELS, DIRECTION, PICTURE = "factor", "prompt", "pixels", "direction", "picture"
REASON, DAYS = "reason", "days"
"""The names of the fields, as they come back."""
_MAX_LABEL_LENGTH = 100


def build_zoom_modal(controls: Controls, ref: PictureRef) -> ui.Modal:
    """Ask for a zoom of the member's own."""
    form = _create_modal(controls, Action.ZOOM_FORM, ref)
    _add_field(form, factor_field(controls.translations), _build_line_input(FACTOR, "1.8", 8))
    return form


def build_prompt_modal(controls: Controls, action: Action, payload: object, text: str) -> ui.Modal:
    """Ask for what the new area should show; the present prompt stands there already."""
    form = _create_modal(controls, action, payload)
    _add_field(form, prompt_field(controls.translations), _build_prompt_input(text))
    return form


def build_expand_modal(
    controls: Controls, draft: DraftId, pictures: Sequence[Attachment]
) -> ui.Modal:
    """Ask for picture, direction, amount and prompt."""
    _ = controls.translations
    form = _create_modal(controls, Action.MENU_FORM, draft)
    if len(pictures) > 1:
        options = [
            discord.SelectOption(
                label=shorten_text(f"{number}. {picture.filename}", _MAX_LABEL_LENGTH),
                value=str(number - 1),
            )
            for number, picture in enumerate(pictures, start=1)
        ]
        options[0].default = True
        _add_field(form, picture_field(_), ui.Select(custom_id=PICTURE, options=options))
    ways = [
        discord.SelectOption(label=_(name), value=way, default=way is Direction.ALL)
        for way, name in DIRECTIONS.items()
    ]
    _add_field(form, direction_field(_), ui.Select(custom_id=DIRECTION, options=ways))
    _add_field(form, pixels_field(_), _build_line_input(PIXELS, "256", 4, default="256"))
    _add_field(form, prompt_field(_), _build_prompt_input(""))
    return form


def build_report_modal(controls: Controls, ref: PictureRef) -> ui.Modal:
    """Ask what is wrong with a picture."""
    form = _create_modal(controls, Action.REPORT_FORM, ref)
    _add_field(
        form, report_field(controls.translations), _build_optional_input(REASON, max_length=500)
    )
    return form


def build_block_modal(controls: Controls, job_id: JobId) -> ui.Modal:
    """Ask why and how long a member is blocked."""
    form = _create_modal(controls, Action.BLOCK_FORM, job_id)
    reason, days = block_fields(controls.translations)
    _add_field(form, reason, _build_optional_input(REASON, max_length=200))
    _add_field(form, days, _build_optional_input(DAYS, max_length=4))
    return form


def build_settings_modal(
    controls: Controls, payload: SectionPayload, fields: Mapping[str, tuple[str, str, str]]
) -> ui.Modal:
    """Ask for a section's values by name: what each is called, what it is now, what empty means."""
    form = _create_modal(controls, Action.SETTINGS_FORM, payload)
    form.title = controls.translations(SECTION_TITLES[payload.section])
    for name, (title, now, empty) in fields.items():
        _add_field(
            form,
            (title, ""),
            _build_optional_input(name, max_length=40, default=now, example=empty),
        )
    return form


def _create_modal(controls: Controls, action: Action, payload: object) -> ui.Modal:
    title = controls.translations(MODAL_TITLES[action])
    form = ui.Modal(title=title, custom_id=controls.codec.encode(action, payload))
    # the router answers it: nothing waits in memory
    form.stop()
    return form


def _add_field(form: ui.Modal, label_texts: tuple[str, str], field: ui.Item[Any]) -> None:
    text, description = label_texts
    form.add_item(ui.Label(text=text, description=description or None, component=field))


def _build_line_input(
    name: str, example: str, max_length: int, default: str | None = None
) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=name, placeholder=example, max_length=max_length, default=default, required=True
    )


def _build_optional_input(
    name: str, *, max_length: int, default: str = "", example: str = ""
) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=name,
        placeholder=example or None,
        max_length=max_length,
        default=default or None,
        required=False,
    )


def _build_prompt_input(text: str) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=PROMPT,
        style=discord.TextStyle.paragraph,
        max_length=MAX_PROMPT_LENGTH,
        default=text or None,
        required=False,
    )
