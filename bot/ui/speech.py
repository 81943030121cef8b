"""The languages: gettext catalogues, read from their text form, and the voice that uses them."""

from __future__ import annotations

import functools
import gettext
import io
from decimal import Decimal
from importlib import resources
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from bot.domain.money import MicroUsd, to_usd

SOURCE: Final = "en"
TONGUES: Final = {
    SOURCE: "English",
    "de": "Deutsch",
    "fr": "Français",
    "es-ES": "Español",
    "pt-BR": "Português do Brasil",
    "ja": "日本語",
}
"""What is spoken: Discord's own name of each locale, and what its people call it."""
LANGUAGES: Final = tuple(TONGUES)
"""The locales that have a catalogue; the source language needs none."""
NAME: Final = "name"
"""Context of the words that are names of commands and options: one lower-case word for Discord."""
_NEAREST: Final = {"en-US": SOURCE, "en-GB": SOURCE, "es-419": "es-ES"}


class Speech:
    """Say things in one language; a member's own text is a value and never part of a message."""

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations
        self._locale = Locale.parse(language, sep="-")

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate a message and fill its `{names}`."""
        return self._translations.gettext(message).format(**values)

    def many(self, one: str, more: str, count: int, /, **values: object) -> str:
        """Translate a message that depends on a number, which it may show as `{count}`."""
        said = self._translations.ngettext(one, more, count)
        return said.format(count=self.number(count), **values)

    def name(self, message: str) -> str:
        """Translate the name of a command, an option or a choice."""
        return self._translations.pgettext(NAME, message)

    def number(self, value: float | Decimal) -> str:
        """Write a number with the language's own marks."""
        return format_decimal(value, locale=self._locale)

    def usd(self, amount: MicroUsd) -> str:
        """Write money with two decimals, unless more are needed."""
        shape = "¤#,##0.00####" if self.language in {SOURCE, "ja"} else "#,##0.00#### ¤"
        return format_currency(
            to_usd(amount), "USD", format=shape, locale=self._locale, currency_digits=False
        ).replace("US$", "$")

    def list(self, parts: list[str]) -> str:
        return self(", ").join(parts)


def later(message: str) -> str:
    """Mark a message of a table for the catalogues; whoever uses it has it said then."""
    return message


def nearest(locale: str) -> str:
    """Return the language that is spoken where Discord's locale is not one of ours."""
    if locale in LANGUAGES:
        return locale
    return _NEAREST.get(locale, SOURCE)


@functools.cache
def speech(locale: str) -> Speech:
    """Return the voice for one of Discord's locales, in the nearest language that there is."""
    language = nearest(locale)
    return Speech(language, _translations(language))


def warm() -> None:
    """Read all catalogues now, so that nobody waits for it later."""
    for language in LANGUAGES:
        speech(language)


def _translations(language: str) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    path = resources.files("bot") / "locales" / language / "LC_MESSAGES" / "expanse.po"
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(path.read_bytes()), locale=language.replace("-", "_")))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
