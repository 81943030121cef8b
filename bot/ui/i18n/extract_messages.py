"""Bring the catalogues in `bot/locales` up to date with the messages in the code.

Run `python -m bot.ui.i18n.extract_messages` after a text has changed; then translate what is empty.
"""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.ui.i18n.translations import LANGUAGES, NAME_CONTEXT, SOURCE_LANGUAGE

_SOURCES: Final = ("bot/ui", "cogs")
_ROOT: Final = Path(__file__).parents[3]
LOCALES: Final = _ROOT / "bot" / "locales"
_PASSES: Final[tuple[tuple[str | None, dict[str, Any]], ...]] = (
    (None, {**DEFAULT_KEYWORDS, "N_choice": None, "Option": (2,)}),
    (None, {"describe_command": (2,), "create_command": (2,), "SettingTexts": (1,)}),
    (None, {"SettingTexts": (3,)}),
    (NAME_CONTEXT, {"mark_name": None, "N_choice": None, "Option": (1,)}),
    (NAME_CONTEXT, {"describe_command": (1,), "create_command": (1,), "SettingTexts": (2,)}),
)
"""By context, which arguments of which functions are messages.

Several passes, since one finds neither two messages in a call nor nested calls.
"""
_HEADER: Final = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"

"""


def collect_messages() -> Catalog:
    """Return all messages in the code."""
    catalog = Catalog(project="Expanse")
    for source, (context, keywords) in itertools.product(_SOURCES, _PASSES):
        found = extract_from_dir(_ROOT / source, [("**.py", "python")], keywords=keywords)
        for _, _, message, _, _ in found:
            catalog.add(message, context=context)
    return catalog


def read_catalog(language: str, folder: Path = LOCALES) -> Catalog:
    """Return a language's catalogue; an empty one if it has no file yet."""
    path, locale = _get_path(language, folder), language.replace("-", "_")
    return read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=locale)


def update_catalog(language: str, folder: Path = LOCALES) -> None:
    """Add new messages to a language's catalogue and remove unused ones."""
    catalog = read_catalog(language, folder)
    catalog.update(collect_messages(), no_fuzzy_matching=True)
    out = io.BytesIO()
    write_po(out, catalog, width=100, omit_header=True, no_location=True, ignore_obsolete=True)
    head = _HEADER.format(language=language, plural=catalog.plural_forms)
    path = _get_path(language, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head.encode() + out.getvalue())


def _get_path(language: str, folder: Path) -> Path:
    return folder / language / "LC_MESSAGES" / "expanse.po"


if __name__ == "__main__":
    for each in LANGUAGES:
        if each != SOURCE_LANGUAGE:
            update_catalog(each)
