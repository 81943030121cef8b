"""Modal forms; the router handles what is submitted, also after a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.ids import DraftId, JobId
from bot.domain.model import ImageModel
from bot.domain.order import MAX_PICTURES_PER_FORM, Attachment, PictureRef
from bot.domain.request import Direction
from bot.ui.actions import Action
from bot.ui.i18n.formatting import shorten_text
from bot.ui.texts.controls import (
    DIRECTION_FIELD,
    DIRECTIONS,
    FACTOR_FIELD,
    MODAL_TITLES,
    OPTIONS_FIELD,
    ORDER_OPTIONS,
    PICTURE_FIELD,
    PIXELS_FIELD,
    PROMPT_FIELD,
    UPLOAD_FIELD,
)
from bot.ui.texts.moderation import DAYS_FIELD, REASON_FIELD, REPORT_FIELD
from bot.ui.texts.settings.table import SECTION_TITLES, TEXTS
from bot.ui.views.components import Controls
from bot.ui.views.payloads import SectionPayload
from bot.ui.views.picture_upload import PictureUpload

FACTOR, PROMPT, PIXELS, DIRECTION, PICTURE = "factor", "prompt", "pixels", "direction", "picture"
UPLOAD, OPTIONS, REASON, DAYS = "pictures", "options", "reason", "days"
"""The custom_ids of the fields, as submissions name them."""
_MAX_LABEL_LENGTH = 100
_MAX_NUMBER_LENGTH = 8
"""Characters of a number, also where spaces were typed around it."""
Field = tuple[tuple[str, str], ui.Item[Any]]
"""Label and description, and the component."""


def build_zoom_modal(controls: Controls, ref: PictureRef) -> ui.Modal:
    """Ask for a custom zoom factor."""
    factor = _build_input(FACTOR, 8, example="1.8", required=True)
    return _build_modal(controls, Action.ZOOM_FORM, ref, (FACTOR_FIELD, factor))


def build_prompt_modal(
    controls: Controls, action: Action, payload: object, text: str, model: ImageModel
) -> ui.Modal:
    """Ask for a new prompt; `text` is the current one."""
    return _build_modal(controls, action, payload, (PROMPT_FIELD, _build_prompt_input(text, model)))


def build_order_modal(controls: Controls, model: ImageModel) -> ui.Modal:
    """Ask for pictures, direction, amount, prompt and options."""
    upload = PictureUpload(custom_id=UPLOAD, min_values=1, max_values=MAX_PICTURES_PER_FORM)
    fields = (UPLOAD_FIELD, upload), *_build_order_fields(controls, model)
    most = model.margin.maximum
    return _build_modal(controls, Action.ORDER_FORM, None, *fields, most=most)


def build_expand_modal(
    controls: Controls, draft: DraftId, pictures: Sequence[Attachment], model: ImageModel
) -> ui.Modal:
    """Ask for the same about pictures of a message; a single one needs no menu."""
    options = [
        discord.SelectOption(
            label=shorten_text(f"{number}. {picture.filename}", _MAX_LABEL_LENGTH),
            value=str(number - 1),
            default=number == 1,
        )
        for number, picture in enumerate(pictures, start=1)
    ]
    most = min(len(options), MAX_PICTURES_PER_FORM)
    menu = ui.Select[Any](custom_id=PICTURE, options=options, max_values=most)
    fields = [(PICTURE_FIELD, menu), *_build_order_fields(controls, model)]
    shown = fields if len(pictures) > 1 else fields[1:]
    return _build_modal(controls, Action.MENU_FORM, draft, *shown, most=model.margin.maximum)


def _build_order_fields(controls: Controls, model: ImageModel) -> list[Field]:
    _ = controls.gettext
    ways = [
        discord.RadioGroupOption(label=_(name), value=way, default=way is Direction.ALL)
        for way, name in DIRECTIONS.items()
    ]
    options = [
        discord.CheckboxGroupOption(label=_(name), value=value, description=_(about))
        for value, (name, about) in ORDER_OPTIONS.items()
    ]
    boxes = ui.CheckboxGroup[Any](
        custom_id=OPTIONS, options=options, required=False, min_values=0, max_values=len(options)
    )
    pixels = _build_input(PIXELS, _MAX_NUMBER_LENGTH, example="256", default="256", required=True)
    return [
        (DIRECTION_FIELD, ui.RadioGroup(custom_id=DIRECTION, options=ways)),
        (PIXELS_FIELD, pixels),
        (PROMPT_FIELD, _build_prompt_input("", model)),
        (OPTIONS_FIELD, boxes),
    ]


def build_report_modal(controls: Controls, ref: PictureRef) -> ui.Modal:
    """Ask what is wrong with a picture."""
    reason = _build_input(REASON, 500)
    return _build_modal(controls, Action.REPORT_FORM, ref, (REPORT_FIELD, reason))


def build_block_modal(controls: Controls, job_id: JobId) -> ui.Modal:
    """Ask why and how long a member is blocked."""
    reason = (REASON_FIELD, _build_input(REASON, 200))
    days = (DAYS_FIELD, _build_input(DAYS, 4))
    return _build_modal(controls, Action.BLOCK_FORM, job_id, reason, days)


def build_settings_modal(
    controls: Controls, payload: SectionPayload, values: Mapping[str, tuple[str, str]]
) -> ui.Modal:
    """Ask for a section's values; `values` has by name the current one and the placeholder."""
    fields = (
        ((TEXTS[name].name, ""), _build_input(name, 40, example=empty, default=now))
        for name, (now, empty) in values.items()
    )
    form = _build_modal(controls, Action.SETTINGS_FORM, payload, *fields)
    form.title = controls.gettext(SECTION_TITLES[payload.section])
    return form


def _build_modal(
    controls: Controls,
    action: Action,
    payload: object,
    *fields: Field,
    **numbers: int,
) -> ui.Modal:
    """Build a form; `numbers` are what its fields' descriptions leave open."""
    _ = controls.gettext
    form = ui.Modal(title=_(MODAL_TITLES[action]), custom_id=controls.codec.encode(action, payload))
    for (text, about), field in fields:
        description = _(about, **numbers) if about else None
        form.add_item(ui.Label(text=_(text), description=description, component=field))
    # the router answers by `custom_id`: discord.py must not keep the form in memory
    form.stop()
    return form


def _build_input(
    name: str, max_length: int, *, example: str = "", default: str = "", required: bool = False
) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=name,
        placeholder=example or None,
        max_length=max_length,
        default=default or None,
        required=required,
    )


def _build_prompt_input(text: str, model: ImageModel) -> ui.TextInput[Any]:
    field = _build_input(PROMPT, model.max_prompt_length, default=text)
    field.style = discord.TextStyle.paragraph
    return field
