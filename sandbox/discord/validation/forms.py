"""Reading a request's JSON field by field, and collecting every fault for one answer."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import INVALID_FORM, DiscordError, FieldPath, record_field_error
from sandbox.discord.model.records import Json


@dataclass(slots=True)
class Form:
    """The faults found so far, in Discord's nested form."""

    errors: Json = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        return bool(self.errors)

    def field(self, raw: Any, *path: str | int) -> "FormField":
        return FormField(self, raw, path)

    def raise_errors(self) -> None:
        """Raise 50035 if anything failed."""
        if self.errors:
            raise DiscordError(INVALID_FORM, errors=self.errors)


class FormField:
    """One place in a request: what stands there, and where faults about it go.

    No dataclass: many are made for each request, and a frozen one takes three times as long.
    """

    __slots__ = ("form", "path", "raw")

    def __init__(self, form: Form, raw: Any, path: FieldPath = ()) -> None:
        self.form = form
        self.raw = raw
        self.path = path

    def __getitem__(self, name: str) -> "FormField":
        """Go to a part; what is missing, or has no parts, is None."""
        raw = self.raw.get(name) if isinstance(self.raw, dict) else None
        return FormField(self.form, raw, (*self.path, name))

    def add_error(self, code: str, message: str) -> None:
        record_field_error(self.form.errors, self.path, code=code, message=message)

    def is_object(self) -> bool:
        """Tell whether a JSON object stands here; anything else is a fault."""
        if isinstance(self.raw, dict):
            return True
        self.add_error("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return False

    def read_list(self, minimum: int, maximum: int) -> "list[FormField]":
        """Return the parts of a list; no list, or one outside the bounds, is a fault and empty."""
        if isinstance(self.raw, list) and minimum <= len(self.raw) <= maximum:
            return [FormField(self.form, raw, (*self.path, at)) for at, raw in enumerate(self.raw)]
        self._check_length(minimum, maximum)
        return []

    def check_text(self, minimum: int, maximum: int, *, required: bool = False) -> bool:
        """Tell whether a text of fitting length stands here; if not required, nothing fits too."""
        if self.raw is None and not required:
            return True
        if isinstance(self.raw, str) and minimum <= len(self.raw) <= maximum:
            return True
        self._check_length(minimum, maximum)
        return False

    def check_number(self, minimum: int, maximum: int) -> bool:
        """Tell whether a whole number within the bounds, or nothing, stands here."""
        if self.raw is None or (is_whole(self.raw) and minimum <= self.raw <= maximum):
            return True
        self.add_error("NUMBER_TYPE_MAX", f"int value should be between {minimum} and {maximum}.")
        return False

    def read_flag(self, *, default: bool = False) -> bool:
        """Return true or false, the default for nothing; anything else is a fault."""
        if self.raw is None:
            return default
        if not isinstance(self.raw, bool):
            self.add_error("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return self.raw is True

    def read_snowflake(self, *, required: bool = True) -> int | None:
        """Return an id; no id is a fault, as is nothing if it is required."""
        found = snowflakes.parse_snowflake(self.raw)
        if found is None and (required or self.raw is not None):
            self.add_error("NUMBER_TYPE_COERCE", f"Value {str(self.raw)[:50]!r} is not snowflake.")
        return found

    def read_bits(self, default: int = 0) -> int:
        """Return a bit set, as text or number; the default for nothing."""
        if self.raw is None:
            return default
        found = snowflakes.parse_snowflake(self.raw)
        if found is None:
            self.add_error("NUMBER_TYPE_COERCE", f"Value {str(self.raw)[:50]!r} is not int.")
        return found or 0

    def check_choice(self, *allowed: int) -> bool:
        """Tell whether one of a few numbers stands here."""
        if is_whole(self.raw) and self.raw in allowed:
            return True
        named = ", ".join(map(str, allowed))
        self.add_error("BASE_TYPE_CHOICES", f"Value must be one of ({named}).")
        return False

    def _check_length(self, minimum: int, maximum: int) -> None:
        if minimum:
            self.add_error(
                "BASE_TYPE_BAD_LENGTH", f"Must be between {minimum} and {maximum} in length."
            )
        else:
            self.add_error("BASE_TYPE_MAX_LENGTH", f"Must be {maximum} or fewer in length.")


def is_whole(value: object) -> bool:
    """Tell whether a JSON value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)
