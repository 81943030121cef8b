"""The frame of every card, and the cards that are text alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.domain.errors import SettingRefused
from bot.domain.ledger import CapUse
from bot.domain.money import ZERO
from bot.errors import ComponentRefused, get_error_code
from bot.ui.i18n.translations import Translations
from bot.ui.texts import jobs as job_texts
from bot.ui.texts.errors import limits as limit_texts
from bot.ui.texts.errors.errors import UNEXPECTED, explain_error
from bot.ui.texts.errors.refusal_reasons import Explanation

COLOUR_WORKING: Final = discord.Colour(0x5865F2)
COLOUR_DONE: Final = discord.Colour(0x2D9D78)
COLOUR_FAILED: Final = discord.Colour(0xC9403A)
CardView = ui.LayoutView


def build_card(colour: discord.Colour, *items: ui.Item[Any]) -> CardView:
    """Frame components; presses are routed by `custom_id`, so the library keeps no view alive."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=colour))
    view.stop()
    return view


def build_text(content: str) -> ui.TextDisplay[Any]:
    return ui.TextDisplay(content)


def build_note(content: str, colour: discord.Colour = COLOUR_WORKING) -> CardView:
    """Show a few words."""
    return build_card(colour, build_text(content))


def build_quota_card(_: Translations, uses: Sequence[CapUse]) -> CardView:
    """Show how much of each limit is used as bars, with the numbers beside them."""
    return build_note(limit_texts.describe_limits(_, uses))


def build_refusal_card(_: Translations, error: Exception) -> CardView:
    """Say no, in three parts and with the error's code."""
    return _build_explanation_card(
        _,
        explain_error(_, error),
        f"code {get_error_code(error)}",
        _get_refusal_title(_, error),
    )


def build_error_card(_: Translations, reference: str) -> CardView:
    """Say that the program itself failed, with an id that the log has too."""
    said = Explanation(_(UNEXPECTED.happened), _(UNEXPECTED.advice))
    return _build_explanation_card(_, said, f"id {reference}", job_texts.not_expanded_title(_))


def _get_refusal_title(_: Translations, error: Exception) -> str:
    """Say that nothing was done, of an order in its own words."""
    order = not isinstance(error, ComponentRefused | SettingRefused)
    return job_texts.not_expanded_title(_) if order else job_texts.not_done_title(_)


def _build_explanation_card(
    _: Translations, explanation: Explanation, reference: str, title: str
) -> CardView:
    return build_note(
        job_texts.format_explanation(_, title, explanation, ZERO, reference), COLOUR_FAILED
    )
