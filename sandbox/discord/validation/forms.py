"""Reading a request's JSON field by field, with all errors collected for one response."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import INVALID_FORM, DiscordError, FieldPath, record_field_error
from sandbox.discord.model.records import Json


@dataclass(slots=True)
class Form:
    """The errors found so far, in Discord's nested form."""

    errors: Json = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        return bool(self.errors)

    def field(self, raw: Any, *path: str | int) -> "FormField":
        return FormField(self, raw, path)

    def raise_errors(self) -> None:
        """Raise 50035 if there are any errors."""
        if self.errors:
            raise DiscordError(INVALID_FORM, errors=self.errors)


class FormField:
    """One field of a request: its value, and where its errors go.

    Not a dataclass: many are created per request, and a frozen one takes three times as long.
    """

    __slots__ = ("form", "path", "raw")

    def __init__(self, form: Form, raw: Any, path: FieldPath = ()) -> None:
        self.form = form
        self.raw = raw
        self.path = path

    def __getitem__(self, name: str) -> "FormField":
        """Return a nested field; its value is None if it does not exist."""
        raw = self.raw.get(name) if isinstance(self.raw, dict) else None
        return FormField(self.form, raw, (*self.path, name))

    def add_error(self, code: str, message: str) -> None:
        record_field_error(self.form.errors, self.path, code=code, message=message)

    def is_object(self) -> bool:
        """Tell whether the value is a JSON object; add an error otherwise."""
        if isinstance(self.raw, dict):
            return True
        self.add_error("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return False

    def read_list(self, minimum: int, maximum: int) -> "list[FormField]":
        """Return a list's items; add an error and return none if invalid or out of bounds."""
        if isinstance(self.raw, list) and minimum <= len(self.raw) <= maximum:
            return [FormField(self.form, raw, (*self.path, at)) for at, raw in enumerate(self.raw)]
        self._check_length(minimum, maximum)
        return []

    def check_text(self, minimum: int, maximum: int, *, required: bool = False) -> bool:
        """Tell whether the value is text of valid length, or None if not required."""
        if self.raw is None and not required:
            return True
        if isinstance(self.raw, str) and minimum <= len(self.raw) <= maximum:
            return True
        self._check_length(minimum, maximum)
        return False

    def check_number(self, minimum: int, maximum: int) -> bool:
        """Tell whether the value is an integer within the bounds, or None."""
        if self.raw is None or (is_whole(self.raw) and minimum <= self.raw <= maximum):
            return True
        self.add_error("NUMBER_TYPE_MAX", f"int value should be between {minimum} and {maximum}.")
        return False

    def read_flag(self, *, default: bool = False) -> bool:
        """Return a boolean, the default for None; add an error for other values."""
        if self.raw is None:
            return default
        if not isinstance(self.raw, bool):
            self.add_error("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return self.raw is True

    def read_snowflake(self, *, required: bool = True) -> int | None:
        """Return an id; add an error if it is invalid, or missing but required."""
        found = snowflakes.parse_snowflake(self.raw)
        if found is None and (required or self.raw is not None):
            self.add_error("NUMBER_TYPE_COERCE", f"Value {str(self.raw)[:50]!r} is not snowflake.")
        return found

    def read_bits(self, default: int = 0) -> int:
        """Return a bit set given as text or number, the default for None."""
        if self.raw is None:
            return default
        found = snowflakes.parse_snowflake(self.raw)
        if found is None:
            self.add_error("NUMBER_TYPE_COERCE", f"Value {str(self.raw)[:50]!r} is not int.")
        return found or 0

    def check_choice(self, *allowed: int) -> bool:
        """Tell whether the value is one of the allowed numbers."""
        if is_whole(self.raw) and self.raw in allowed:
            return True
        choices = ", ".join(map(str, allowed))
        self.add_error("BASE_TYPE_CHOICES", f"Value must be one of ({choices}).")
        return False

    def _check_length(self, minimum: int, maximum: int) -> None:
        if minimum:
            self.add_error(
                "BASE_TYPE_BAD_LENGTH", f"Must be between {minimum} and {maximum} in length."
            )
        else:
            self.add_error("BASE_TYPE_MAX_LENGTH", f"Must be {maximum} or fewer in length.")


def is_whole(value: object) -> bool:
    """Tell whether a JSON value is an integer; booleans are not."""
    return isinstance(value, int) and not isinstance(value, bool)
