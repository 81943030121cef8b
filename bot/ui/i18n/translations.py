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

SOURCE_LANGUAGE: Final = "en"
LANGUAGE_NAMES: Final = {
    SOURCE_LANGUAGE: "English",
    "de": "Deutsch",
    "fr": "Français",
    "es-ES": "Español",
    "pt-BR": "Português do Brasil",
    "ja": "日本語",
}
"""What is spoken: Discord's own name of each locale, and what its people call it."""
LANGUAGES: Final = tuple(LANGUAGE_NAMES)
"""The locales that have a catalogue; the source language needs none."""
NAME_CONTEXT: Final = "name"
"""Context of the words that are names of commands and options: one lower-case word for Discord."""
_FALLBACKS: Final = {"en-US": SOURCE_LANGUAGE, "en-GB": SOURCE_LANGUAGE, "es-419": "es-ES"}


class Translations:
    """Translate into one language; called `_` where it is used, as gettext does.

    A member's own text is a value and never part of a message.
    """

    def __init__(self, language: str, catalog: gettext.NullTranslations) -> None:
        self.language = language
        self._catalog = catalog
        self._locale = Locale.parse(language, sep="-")

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate a message and fill its `{names}`."""
        return self._catalog.gettext(message).format(**values)

    def ngettext(self, singular: str, plural: str, count: int, /, **values: object) -> str:
        """Translate a message that depends on a number, which it may show as `{count}`."""
        text = self._catalog.ngettext(singular, plural, count)
        return text.format(count=self.format_number(count), **values)

    def pgettext(self, message: str) -> str:
        """Translate the name of a command, an option or a choice."""
        return self._catalog.pgettext(NAME_CONTEXT, message)

    def format_number(self, value: float | Decimal) -> str:
        """Write a number with the language's own marks."""
        return format_decimal(value, locale=self._locale)

    def format_usd(self, amount: MicroUsd) -> str:
        """Write money with two decimals, unless more are needed."""
        shape = "¤#,##0.00####" if self.language in {SOURCE_LANGUAGE, "ja"} else "#,##0.00#### ¤"
        return format_currency(
            to_usd(amount), "USD", format=shape, locale=self._locale, currency_digits=False
        ).replace("US$", "$")

    def join_list(self, parts: list[str]) -> str:
        _ = self
        return _(", ").join(parts)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message of a table for the catalogues; it is translated where it is used."""
    return message


def N_choice(message: str) -> str:  # noqa: N802 - as above
    """Mark a word that is both a choice of a command and part of a panel or a form."""
    return message


def resolve_language(locale: str) -> str:
    """Return the language that is spoken where Discord's locale is not one of ours."""
    if locale in LANGUAGES:
        return locale
    return _FALLBACKS.get(locale, SOURCE_LANGUAGE)


@functools.cache
def get_translations(locale: str) -> Translations:
    """Return the voice for one of Discord's locales, in the nearest language that there is."""
    language = resolve_language(locale)
    return Translations(language, _load_catalog(language))


def preload_translations() -> None:
    """Read all catalogues now, so that nobody waits for it later."""
    for language in LANGUAGES:
        get_translations(language)


def _load_catalog(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    path = resources.files("bot") / "locales" / language / "LC_MESSAGES" / "expanse.po"
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(path.read_bytes()), locale=language.replace("-", "_")))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
