"""Reading a request's JSON field by field, and collecting every fault for one answer."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.discord import snowflakes
from sandbox.discord.errors import INVALID_FORM, DiscordError, Path, note
from sandbox.discord.models import Json


@dataclass(slots=True)
class Form:
    """The faults found so far, in Discord's nested form."""

    errors: Json = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.errors)

    def field(self, raw: Any, *path: str | int) -> "Field":
        return Field(self, raw, path)

    def check(self) -> None:
        """Raise 50035 if anything failed."""
        if self.errors:
            raise DiscordError(INVALID_FORM, errors=self.errors)


class Field:
    """One place in a request: what stands there, and where faults about it go.

    No dataclass: many are made for each request, and a frozen one takes three times as long.
    """

    __slots__ = ("form", "path", "raw")

    def __init__(self, form: Form, raw: Any, path: Path = ()) -> None:
        self.form = form
        self.raw = raw
        self.path = path

    def __getitem__(self, name: str) -> "Field":
        """Go to a part; what is missing, or has no parts, is None."""
        raw = self.raw.get(name) if isinstance(self.raw, dict) else None
        return Field(self.form, raw, (*self.path, name))

    def fail(self, code: str, message: str) -> None:
        note(self.form.errors, self.path, code=code, message=message)

    def is_object(self) -> bool:
        """Tell whether a JSON object stands here; anything else is a fault."""
        if isinstance(self.raw, dict):
            return True
        self.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return False

    def each(self, least: int, most: int) -> "list[Field]":
        """Return the parts of a list; no list, or one outside the bounds, is a fault and empty."""
        if isinstance(self.raw, list) and least <= len(self.raw) <= most:
            return [Field(self.form, raw, (*self.path, at)) for at, raw in enumerate(self.raw)]
        self._length(least, most)
        return []

    def text(self, least: int, most: int, *, required: bool = False) -> bool:
        """Tell whether a text of fitting length stands here; if not required, nothing fits too."""
        if self.raw is None and not required:
            return True
        if isinstance(self.raw, str) and least <= len(self.raw) <= most:
            return True
        self._length(least, most)
        return False

    def number(self, least: int, most: int) -> bool:
        """Tell whether a whole number within the bounds, or nothing, stands here."""
        if self.raw is None or (is_whole(self.raw) and least <= self.raw <= most):
            return True
        self.fail("NUMBER_TYPE_MAX", f"int value should be between {least} and {most}.")
        return False

    def flag(self, *, default: bool = False) -> bool:
        """Return true or false, the default for nothing; anything else is a fault."""
        if self.raw is None:
            return default
        if not isinstance(self.raw, bool):
            self.fail("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return self.raw is True

    def snowflake(self, *, required: bool = True) -> int | None:
        """Return an id; no id is a fault, as is nothing if it is required."""
        found = snowflakes.parse(self.raw)
        if found is None and (required or self.raw is not None):
            self.fail("NUMBER_TYPE_COERCE", f"Value {str(self.raw)[:50]!r} is not snowflake.")
        return found

    def bits(self, default: int = 0) -> int:
        """Return a bit set, as text or number; the default for nothing."""
        if self.raw is None:
            return default
        found = snowflakes.parse(self.raw)
        if found is None:
            self.fail("NUMBER_TYPE_COERCE", f"Value {str(self.raw)[:50]!r} is not int.")
        return found or 0

    def choice(self, *allowed: int) -> bool:
        """Tell whether one of a few numbers stands here."""
        if is_whole(self.raw) and self.raw in allowed:
            return True
        named = ", ".join(map(str, allowed))
        self.fail("BASE_TYPE_CHOICES", f"Value must be one of ({named}).")
        return False

    def _length(self, least: int, most: int) -> None:
        if least:
            self.fail("BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.fail("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def is_whole(value: object) -> bool:
    """Tell whether a JSON value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)
