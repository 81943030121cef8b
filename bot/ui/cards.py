"""The frame of every card, and the cards that are text alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.domain.money import ZERO
from bot.domain.problems import SettingRefused
from bot.domain.usage import CapUse
from bot.errors import PressRefused, code_of
from bot.ui import wording_cards as words
from bot.ui import wording_limits as limits
from bot.ui.speech import Speech
from bot.ui.wording_errors import UNEXPECTED, explain
from bot.ui.wording_reasons import Explained

WORKING: Final = discord.Colour(0x5865F2)
DONE: Final = discord.Colour(0x2D9D78)
FAILED: Final = discord.Colour(0xC9403A)
Card = ui.LayoutView


def card(colour: discord.Colour, *items: ui.Item[Any]) -> Card:
    """Frame components; presses are routed by `custom_id`, so the library keeps no view alive."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=colour))
    view.stop()
    return view


def text(content: str) -> ui.TextDisplay[Any]:
    return ui.TextDisplay(content)


def note(content: str, colour: discord.Colour = WORKING) -> Card:
    """Show a few words."""
    return card(colour, text(content))


def quota(say: Speech, uses: Sequence[CapUse]) -> Card:
    """Show how much of each limit is used as bars, with the numbers beside them."""
    return note(limits.standing(say, uses))


def refused(say: Speech, error: Exception) -> Card:
    """Say no, in three parts and with the error's code."""
    return _explained(say, explain(say, error), f"code {code_of(error)}", _title(say, error))


def broken(say: Speech, reference: str) -> Card:
    """Say that the program itself failed, with an id that the log has too."""
    said = Explained(say(UNEXPECTED.happened), say(UNEXPECTED.advice))
    return _explained(say, said, f"id {reference}", words.not_expanded(say))


def _title(say: Speech, error: Exception) -> str:
    """Say that nothing was done, of an order in its own words."""
    order = not isinstance(error, PressRefused | SettingRefused)
    return words.not_expanded(say) if order else words.not_done(say)


def _explained(say: Speech, said: Explained, reference: str, title: str) -> Card:
    return note(words.explained(say, title, said, ZERO, reference), FAILED)
