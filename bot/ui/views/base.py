"""The frame of every card, and cards without pictures or buttons."""

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


def build_card(colour: discord.Colour, *items: ui.Item[Any] | str) -> CardView:
    """Build a card from texts and components, in order."""
    view = ui.LayoutView(timeout=None)
    parts = (ui.TextDisplay[Any](each) if isinstance(each, str) else each for each in items)
    view.add_item(ui.Container(*parts, accent_colour=colour))
    # the router answers by `custom_id`: discord.py must not keep the view in memory
    view.stop()
    return view


def build_gallery(*pictures: tuple[str, str], spoiler: bool = False) -> ui.MediaGallery[Any]:
    """Show attached files as pictures, each given as file name and alt text."""
    return ui.MediaGallery(
        *(
            discord.MediaGalleryItem(f"attachment://{name}", description=alt, spoiler=spoiler)
            for name, alt in pictures
        )
    )


def build_note(content: str, colour: discord.Colour = COLOUR_WORKING) -> CardView:
    return build_card(colour, content)


def build_quota_card(_: Translations, uses: Sequence[CapUse]) -> CardView:
    """Show bars and numbers for how much of each limit is used."""
    return build_note(limit_texts.describe_limits(_, uses))


def build_refusal_card(_: Translations, error: Exception) -> CardView:
    """Explain a refusal: what happened, cost, advice and error code."""
    is_order = not isinstance(error, ComponentRefused | SettingRefused)
    title = _(job_texts.NOT_EXPANDED if is_order else job_texts.NOT_DONE)
    text, code = explain_error(_, error), f"code {get_error_code(error)}"
    return build_note(job_texts.format_explanation(_, title, text, ZERO, code), COLOUR_FAILED)


def build_error_card(_: Translations, reference: str) -> CardView:
    """Show an unexpected error with a reference that is also in the log."""
    text = Explanation(_(UNEXPECTED.happened), _(UNEXPECTED.advice))
    title, shown = _(job_texts.NOT_EXPANDED), f"id {reference}"
    return build_note(job_texts.format_explanation(_, title, text, ZERO, shown), COLOUR_FAILED)
