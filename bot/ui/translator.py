"""Hands Discord the names and descriptions of commands in every language that there is."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.ui.speech import NAME, SOURCE, nearest, speech


class CommandTranslator(app_commands.Translator):
    """Translate what is marked; a locale without a catalogue keeps the source."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, _context: TranslationContextTypes
    ) -> str | None:
        if nearest(str(locale)) == SOURCE:
            return None
        say = speech(str(locale))
        if string.extras.get("kind") == NAME:
            return say.name(string.message)
        return say(string.message)
