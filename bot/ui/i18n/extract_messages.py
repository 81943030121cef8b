"""Gathers every message of the code and brings the catalogues up to date with it.

Run `python -m bot.ui.i18n.extract_messages` after a text has changed; then translate what is empty.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po

from bot.ui.i18n.translations import LANGUAGES, NAME_CONTEXT, SOURCE_LANGUAGE

_UI: Final = Path(__file__).parents[1]
LOCALES: Final = _UI.parent / "locales"
_KEYWORDS: Final = (
    *("say", "mark_message", "self", "locale_str", "mark_name", "translate_plural"),
)
"""Functions whose first argument is a message; the second of `translate_plural` is its plural."""


_HEADER: Final = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"

"""


def collect_messages() -> Catalog:
    """Return all messages that the code says, in the order of its files."""
    catalogue = Catalog(project="Expanse")
    for path in sorted(_UI.rglob("*.py")):
        for message, context in _extract_messages(path):
            catalogue.add(message, context=context)
    return catalogue


def get_catalog_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "expanse.po"


def read_catalog(language: str) -> Catalog:
    """Read a language's catalogue; an empty one where there is none yet."""
    path, locale = get_catalog_path(language), language.replace("-", "_")
    if not path.exists():
        return Catalog(locale=locale, project="Expanse")
    return read_po(io.BytesIO(path.read_bytes()), locale=locale)


def update_catalog(language: str) -> None:
    """Add what is new to a language's catalogue, and drop what nobody says any more."""
    known = read_catalog(language)
    merged = Catalog(locale=language.replace("-", "_"), project="Expanse")
    for message in collect_messages():
        if message.id:
            before = known.get(message.id, message.context)
            merged.add(message.id, before.string if before else None, context=message.context)
    path = get_catalog_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, merged, width=100, omit_header=True, no_location=True)
    head = _HEADER.format(language=language, plural=merged.plural_forms)
    path.write_bytes(head.encode() + out.getvalue())


def _extract_messages(path: Path) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    with path.open("rb") as source:
        found: Any = extract_python(source, dict.fromkeys(_KEYWORDS), (), {"encoding": "utf-8"})
        for _, function, messages, _ in found:
            texts = (messages,) if isinstance(messages, str) else messages
            match function, texts:
                case "translate_plural", (str(one), str(more), *_):
                    yield (one, more), None
                case "mark_name", (str(name), *_):
                    yield name, NAME_CONTEXT
                case _, (str(message), *_):
                    yield message, None


if __name__ == "__main__":
    for each in LANGUAGES:
        if each != SOURCE_LANGUAGE:
            update_catalog(each)
