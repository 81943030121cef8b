"""The names and descriptions of commands, in every language that Discord knows."""

import re

from sandbox.discord.forms import Field
from sandbox.discord.models import Json

# Documentation, "Locales".
LOCALES = frozenset(
    (
        *("ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr"),
        *("he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro"),
        *("ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW"),
    )
)
# Documentation, "Application Command Object".
MAX_NAME = 32
MAX_DESCRIPTION = 100
MAX_CHARACTERS = 8000  # of one command: names, descriptions and values, in the longest language
_NAME = re.compile(r"[-_'\w]{1,32}")


def name(raw: Field, *, plain: bool) -> bool:
    """Check a name; a `plain` one, of slash commands and options, is a single lower-case word."""
    if not raw.text(1, MAX_NAME, required=True):
        return False
    if plain and (not _NAME.fullmatch(raw.raw) or raw.raw != raw.raw.lower()):
        raw.fail("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        return False
    return True


def named(raw: Field, *, plain: bool) -> Json:
    """Return name and description with their translations; menus have no description."""
    name(raw["name"], plain=plain)
    if plain:
        raw["description"].text(1, MAX_DESCRIPTION, required=True)
    names, descriptions = raw["name_localizations"], raw["description_localizations"]
    return {
        "name": raw["name"].raw,
        "name_localizations": localized(names, MAX_NAME, plain=plain),
        "description": raw["description"].raw or "",
        "description_localizations": localized(descriptions, MAX_DESCRIPTION, plain=False),
    }


def localized(raw: Field, most: int, *, plain: bool) -> Json | None:
    """Return translations by locale, each of at most so many characters."""
    if raw.raw is None:
        return None
    if not isinstance(raw.raw, dict):
        raw.fail("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return None
    for locale in raw.raw:
        text = raw[locale]
        if locale not in LOCALES:
            text.fail("BASE_TYPE_CHOICES", f"Unknown locale {str(locale)[:20]!r}")
        elif text.text(1, most, required=True) and plain:
            name(text, plain=True)
    return dict(raw.raw)


def length(command: Json) -> int:
    """Count what Discord counts towards the 8000 characters of a command."""
    own = sum(_longest(command, part) for part in ("name", "description"))
    own += len(str(command["value"])) if isinstance(command.get("value"), str) else 0
    below = [*command.get("options", ()), *command.get("choices", ())]
    return own + sum(map(length, below))


def _longest(command: Json, part: str) -> int:
    texts = [command.get(part) or "", *(command.get(f"{part}_localizations") or {}).values()]
    return max(map(len, texts))
