"""Gathers every message of the code and brings the catalogues up to date with it.

Run `python -m bot.ui.catalogue` after a text has changed; then translate what is empty.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po

from bot.ui.speech import LANGUAGES, NAME, SOURCE

_HERE: Final = Path(__file__).parent
LOCALES: Final = _HERE.parent / "locales"
_SAID: Final = ("say", "later", "self", "locale_str", "named", "many")
"""The functions whose first argument is a message; `many` has a second one, the plural."""


_HEAD: Final = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"

"""


def gather() -> Catalog:
    """Return all messages that the code says, in the order of its files."""
    catalogue = Catalog(project="Expanse")
    for path in sorted(_HERE.glob("*.py")):
        for message, context in _messages(path):
            catalogue.add(message, context=context)
    return catalogue


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "expanse.po"


def read(language: str) -> Catalog:
    """Read a language's catalogue; an empty one where there is none yet."""
    path, locale = path_of(language), language.replace("-", "_")
    if not path.exists():
        return Catalog(locale=locale, project="Expanse")
    return read_po(io.BytesIO(path.read_bytes()), locale=locale)


def update(language: str) -> None:
    """Add what is new to a language's catalogue, and drop what nobody says any more."""
    known = read(language)
    merged = Catalog(locale=language.replace("-", "_"), project="Expanse")
    for message in gather():
        if message.id:
            before = known.get(message.id, message.context)
            merged.add(message.id, before.string if before else None, context=message.context)
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, merged, width=100, omit_header=True, no_location=True)
    head = _HEAD.format(language=language, plural=merged.plural_forms)
    path.write_bytes(head.encode() + out.getvalue())


def _messages(path: Path) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    with path.open("rb") as source:
        found: Any = extract_python(source, dict.fromkeys(_SAID), (), {"encoding": "utf-8"})
        for _, function, messages, _ in found:
            texts = (messages,) if isinstance(messages, str) else messages
            match function, texts:
                case "many", (str(one), str(more), *_):
                    yield (one, more), None
                case "named", (str(name), *_):
                    yield name, NAME
                case _, (str(message), *_):
                    yield message, None


if __name__ == "__main__":
    for each in LANGUAGES:
        if each != SOURCE:
            update(each)
