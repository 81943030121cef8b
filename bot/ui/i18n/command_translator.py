"""Translation of command names and descriptions when they are synced to Discord."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.ui.i18n.translations import (
    NAME_CONTEXT,
    SOURCE_LANGUAGE,
    get_translations,
    resolve_language,
)


class CommandTranslator(app_commands.Translator):
    """Translates marked strings; a locale without a catalogue keeps English."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, _context: TranslationContextTypes
    ) -> str | None:
        if resolve_language(str(locale)) == SOURCE_LANGUAGE:
            return None
        _ = get_translations(str(locale))
        if string.extras.get("kind") == NAME_CONTEXT:
            return _.pgettext(string.message)
        return _(string.message)
