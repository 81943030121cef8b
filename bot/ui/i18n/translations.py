"""Supported languages, their gettext catalogues, and number and money formats."""

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
"""Supported languages by Discord locale, each with its own name."""
LANGUAGES: Final = tuple(LANGUAGE_NAMES)
"""Locales with a catalogue, and the source language, which needs none."""
NAME_CONTEXT: Final = "name"
"""gettext context of names of commands, options and choices."""
_FALLBACKS: Final = {"en-US": SOURCE_LANGUAGE, "en-GB": SOURCE_LANGUAGE, "es-419": "es-ES"}


class Translations:
    """Translates into one language; named `_` by convention.

    Members' texts are passed as values, never as part of a message: `format` would expand braces.
    """

    def __init__(self, language: str, catalog: gettext.NullTranslations) -> None:
        self.language = language
        self._catalog = catalog
        self._locale = Locale.parse(language, sep="-")

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate a message and fill its `{names}`."""
        return self._catalog.gettext(message).format(**values)

    def ngettext(self, singular: str, plural: str, count: int, /, **values: object) -> str:
        """Translate a message in singular or plural; `{count}` is the formatted number."""
        text = self._catalog.ngettext(singular, plural, count)
        return text.format(count=self.format_number(count), **values)

    def pgettext(self, message: str) -> str:
        """Translate the name of a command, option or choice."""
        return self._catalog.pgettext(NAME_CONTEXT, message)

    def format_number(self, value: float | Decimal) -> str:
        """Format a number with the language's separators."""
        return format_decimal(value, locale=self._locale)

    def format_usd(self, amount: MicroUsd) -> str:
        """Format dollars with two decimals, or up to six if needed."""
        shape = "¤#,##0.00####" if self.language in {SOURCE_LANGUAGE, "ja"} else "#,##0.00#### ¤"
        # `currency_digits=False` keeps the six decimals of `shape`; some locales write "US$"
        return format_currency(
            to_usd(amount), "USD", format=shape, locale=self._locale, currency_digits=False
        ).replace("US$", "$")

    def join_list(self, parts: list[str]) -> str:
        _ = self
        return _(", ").join(parts)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message for extraction; it is translated where it is used."""
    return message


def N_choice(message: str) -> str:  # noqa: N802 - as above
    """Mark a word that is both the name of a choice and part of a panel or form."""
    return message


def resolve_language(locale: str) -> str:
    """Return a Discord locale's language, its nearest one, or English."""
    if locale in LANGUAGES:
        return locale
    return _FALLBACKS.get(locale, SOURCE_LANGUAGE)


def get_translations(locale: str) -> Translations:
    """Return translations for a Discord locale, in the nearest supported language."""
    return _load_translations(resolve_language(locale))


def preload_translations() -> None:
    """Load all catalogues and formats at start, so that no interaction waits for them."""
    for language in LANGUAGES:
        get_translations(language).format_usd(MicroUsd(1_000_000))


@functools.cache
def _load_translations(language: str) -> Translations:
    return Translations(language, _load_catalog(language))


def _load_catalog(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    path = resources.files("bot") / "locales" / language / "LC_MESSAGES" / "expanse.po"
    # gettext reads only the binary form: compile it in memory, no .mo files are stored
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(path.read_bytes()), locale=language.replace("-", "_")))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
