"""Validation of command names and descriptions in all of Discord's locales."""

import re

from sandbox.discord.model.records import Json
from sandbox.discord.validation.forms import FormField

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
MAX_CHARACTERS = 8000  # per command: names, descriptions and values in the longest locale
_NAME = re.compile(r"[-_'\w]{1,32}")


def check_name(raw: FormField, *, plain: bool) -> bool:
    """Validate a name; `plain` names (slash commands, options) are one lower-case word."""
    if not raw.check_text(1, MAX_NAME, required=True):
        return False
    if plain and (not _NAME.fullmatch(raw.raw) or raw.raw != raw.raw.lower()):
        raw.add_error("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        return False
    return True


def read_names(raw: FormField, *, plain: bool) -> Json:
    """Return name and description with translations; menu commands have no description."""
    check_name(raw["name"], plain=plain)
    if plain:
        raw["description"].check_text(1, MAX_DESCRIPTION, required=True)
    names, descriptions = raw["name_localizations"], raw["description_localizations"]
    return {
        "name": raw["name"].raw,
        "name_localizations": read_translations(names, MAX_NAME, plain=plain),
        "description": raw["description"].raw or "",
        "description_localizations": read_translations(descriptions, MAX_DESCRIPTION, plain=False),
    }


def read_translations(raw: FormField, maximum: int, *, plain: bool) -> Json | None:
    """Return translations by locale, each of at most `maximum` characters."""
    if raw.raw is None:
        return None
    if not isinstance(raw.raw, dict):
        raw.add_error("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return None
    for locale in raw.raw:
        text = raw[locale]
        if locale not in LOCALES:
            text.add_error("BASE_TYPE_CHOICES", f"Unknown locale {str(locale)[:20]!r}")
        elif text.check_text(1, maximum, required=True) and plain:
            check_name(text, plain=True)
    return dict(raw.raw)


def count_characters(command: Json) -> int:
    """Count the characters that count towards a command's 8000."""
    own = sum(_find_longest_length(command, part) for part in ("name", "description"))
    own += len(str(command["value"])) if isinstance(command.get("value"), str) else 0
    below = [*command.get("options", ()), *command.get("choices", ())]
    return own + sum(map(count_characters, below))


def _find_longest_length(command: Json, part: str) -> int:
    texts = [command.get(part) or "", *(command.get(f"{part}_localizations") or {}).values()]
    return max(map(len, texts))
