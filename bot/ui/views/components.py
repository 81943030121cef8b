"""Buttons and menus with translated labels and signed custom_ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.domain.geometry import Margins, Side
from bot.domain.ids import DraftId
from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.services.pictures.library import get_last_amount
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations
from bot.ui.texts.controls import (
    ARROWS,
    CONFIRM_LABEL,
    PICTURE_LABEL,
    RATIO_HINT,
    RATIOS,
    ZOOM_FACTORS,
    action_label,
    ratio_label,
    zoom_label,
)
from bot.ui.views.custom_ids import CustomIdCodec
from bot.ui.views.payloads import NudgePayload, PanPayload, ZoomPayload

Row = ui.ActionRow[Any]
Style = discord.ButtonStyle
_NUDGE_ARROWS = {Side.LEFT: "←", Side.TOP: "↑", Side.BOTTOM: "↓", Side.RIGHT: "→"}
_MAX_BUTTONS_PER_ROW = 5
"""Discord's limit of buttons per row."""


@dataclass(frozen=True, slots=True)
class Controls:
    """Builds buttons and menus in one language."""

    gettext: Translations
    codec: CustomIdCodec

    def build_button(
        self,
        action: Action,
        payload: object = None,
        *,
        text: str | None = None,
        style: Style = Style.secondary,
        disabled: bool = False,
    ) -> ui.Button[Any]:
        return ui.Button(
            label=text or action_label(self.gettext, action),
            custom_id=self.codec.encode(action, payload),
            style=style,
            disabled=disabled,
        )

    def build_select(
        self,
        action: Action,
        payload: object = None,
        *,
        options: list[discord.SelectOption],
        hint: str,
    ) -> ui.Select[Any]:
        mark = self.codec.encode(action, payload)
        return ui.Select(custom_id=mark, options=options, placeholder=hint)

    def build_result_rows(self, job: Job, ordinals: Sequence[int]) -> list[Row]:
        """Return the rows of a result: those of its picture, or a button per picture if several."""
        if len(ordinals) == 1:
            return self.build_picture_rows(PictureRef(job.id, ordinals[0]), job)
        picks = [
            self.build_button(
                Action.SELECT_PICTURE,
                PictureRef(job.id, ordinal),
                text=self.gettext(PICTURE_LABEL, number=number),
            )
            for number, ordinal in enumerate(ordinals, start=1)
        ]
        return [*arrange_rows(picks), self._build_shared_row(PictureRef(job.id, ordinals[0]))]

    def build_picture_rows(self, ref: PictureRef, job: Job) -> list[Row]:
        """Return pan, zoom and shared buttons of one picture."""
        pixels = get_last_amount(job)
        pans = [
            self.build_button(
                Action.PAN, PanPayload(ref, way), text=f"{arrow} {pixels}", style=Style.primary
            )
            for way, arrow in ARROWS.items()
        ]
        zooms = [
            self.build_button(
                Action.ZOOM, ZoomPayload(ref, factor), text=zoom_label(self.gettext, factor)
            )
            for factor in ZOOM_FACTORS
        ]
        zooms.append(self.build_button(Action.ZOOM_ASK, ref))
        return [Row(*pans), Row(*zooms), self._build_shared_row(ref)]

    def _build_shared_row(self, ref: PictureRef) -> Row:
        actions = (Action.RETRY, Action.PROMPT_ASK, Action.COMPARE, Action.DETAILS, Action.MORE)
        return Row(*(self.build_button(action, ref) for action in actions))

    def build_preview_rows(
        self, draft: DraftId, price: str, margins: Margins, step: int, *extra: ui.Button[Any]
    ) -> list[Row]:
        """Return buttons that move sides by a step, the ratio menu, and confirm, edit, discard.

        `extra` buttons stand beside edit.
        """
        pixels = margins.get_by_side()
        nudges = [
            Row(
                *(
                    self.build_button(
                        Action.NUDGE,
                        NudgePayload(draft, side, steps),
                        text=f"{arrow} {amount}",
                        # a side without a margin cannot shrink
                        disabled=steps < 0 and not pixels[side],
                    )
                    for side, arrow in _NUDGE_ARROWS.items()
                )
            )
            for steps, amount in ((1, f"+{step}"), (-1, f"−{step}"))
        ]
        shapes = [
            discord.SelectOption(label=ratio_label(self.gettext, ratio), value=ratio)
            for ratio in RATIOS
        ]
        hint, label = self.gettext(RATIO_HINT), self.gettext(CONFIRM_LABEL, price=price)
        select = self.build_select(Action.RATIO, draft, options=shapes, hint=hint)
        confirm = self.build_button(Action.CONFIRM_DRAFT, draft, text=label, style=Style.success)
        change = self.build_button(Action.DRAFT_ASK, draft)
        discard = self.build_button(Action.DISCARD_DRAFT, draft)
        return [*nudges, Row(select), Row(confirm, change, *extra, discard)]


def arrange_rows(buttons: Sequence[ui.Button[Any]]) -> list[Row]:
    """Split buttons into rows of at most five."""
    return [
        Row(*buttons[at : at + _MAX_BUTTONS_PER_ROW])
        for at in range(0, len(buttons), _MAX_BUTTONS_PER_ROW)
    ]
