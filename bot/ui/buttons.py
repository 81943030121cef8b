"""Buttons and menus: a label in the member's language, and a sealed `custom_id`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.domain.geometry import Margins, Side
from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.services.pictures import last_amount
from bot.ui.actions import Action
from bot.ui.seal import Seal
from bot.ui.speech import Speech
from bot.ui.wording_controls import (
    ARROWS,
    RATIOS,
    ZOOMS,
    confirm_label,
    label,
    picture_label,
    ratio_hint,
    ratio_label,
    zoom_label,
)

Row = ui.ActionRow[Any]
Style = discord.ButtonStyle
_NUDGES = {Side.LEFT: "←", Side.TOP: "↑", Side.BOTTOM: "↓", Side.RIGHT: "→"}
_IN_A_ROW = 5
"""Buttons of one row (Discord's limit)."""


@dataclass(frozen=True, slots=True)
class Controls:
    """Make the controls of cards in one language."""

    say: Speech
    seal: Seal

    def button(
        self,
        action: Action,
        *row: object,
        text: str | None = None,
        style: Style = Style.secondary,
        disabled: bool = False,
    ) -> ui.Button[Any]:
        return ui.Button(
            label=text or label(self.say, action),
            custom_id=self.seal.mark(action, *row),
            style=style,
            disabled=disabled,
        )

    def select(
        self, action: Action, *row: object, options: list[discord.SelectOption], hint: str
    ) -> ui.Select[Any]:
        return ui.Select(custom_id=self.seal.mark(action, *row), options=options, placeholder=hint)

    def result(self, job: Job, ordinals: Sequence[int]) -> list[Row]:
        """Return the rows under a result: one picture's own, or a button for each of several."""
        if len(ordinals) == 1:
            return self.picture(PictureRef(job.id, ordinals[0]), job)
        picks = [
            self.button(Action.PICK, job.id, ordinal, text=picture_label(self.say, number))
            for number, ordinal in enumerate(ordinals, start=1)
        ]
        return [*rows_of(picks), self._about(PictureRef(job.id, ordinals[0]))]

    def picture(self, ref: PictureRef, job: Job) -> list[Row]:
        """Return all that can be done with one picture."""
        row = (ref.job_id, ref.ordinal)
        pixels = last_amount(job)
        pans = [
            self.button(Action.PAN, *row, way, text=f"{arrow} {pixels}", style=Style.primary)
            for way, arrow in ARROWS.items()
        ]
        zooms = [
            self.button(Action.ZOOM, *row, factor, text=zoom_label(self.say, factor))
            for factor in ZOOMS
        ]
        return [
            Row(*pans),
            Row(*zooms, self.button(Action.ZOOM_ASK, *row)),
            self._about(ref),
        ]

    def _about(self, ref: PictureRef) -> Row:
        row = (ref.job_id, ref.ordinal)
        actions = (Action.AGAIN, Action.PROMPT_ASK, Action.COMPARE, Action.DETAILS, Action.MORE)
        return Row(*(self.button(action, *row) for action in actions))

    def preview(self, draft: str, price: str, grown: Margins) -> list[Row]:
        """Return nudges, shapes, and the decision; a side that does not grow cannot shrink."""
        pixels = grown.by_side()
        more = [
            self.button(Action.NUDGE, draft, side, 1, text=f"{arrow} +64")
            for side, arrow in _NUDGES.items()
        ]
        less = [
            self.button(
                Action.NUDGE, draft, side, -1, text=f"{arrow} −64", disabled=not pixels[side]
            )
            for side, arrow in _NUDGES.items()
        ]
        shapes = [
            discord.SelectOption(label=ratio_label(self.say, ratio), value=ratio)
            for ratio in RATIOS
        ]
        return [
            Row(*more),
            Row(*less),
            Row(self.select(Action.RATIO, draft, options=shapes, hint=ratio_hint(self.say))),
            Row(
                self.button(
                    Action.CONFIRM,
                    draft,
                    text=confirm_label(self.say, price),
                    style=Style.success,
                ),
                self.button(Action.DRAFT_ASK, draft),
                self.button(Action.DROP, draft),
            ),
        ]


def rows_of(buttons: Sequence[ui.Button[Any]]) -> list[Row]:
    """Put buttons into as few rows as Discord allows."""
    return [Row(*buttons[at : at + _IN_A_ROW]) for at in range(0, len(buttons), _IN_A_ROW)]
