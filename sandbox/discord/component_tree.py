"""What message and modal components have in common: ids, custom ids, selects, the whole's size."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sandbox.discord import snowflakes
from sandbox.discord.forms import Field, is_whole
from sandbox.discord.models import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 17, 18, 19, 21, 22, 23
SELECTS = frozenset({3, 5, 6, 7, 8})

# Documentation, "Component Reference".
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_OPTIONS = 25
# What a select of each kind may have chosen beforehand.
_DEFAULTS = {
    USER_SELECT: frozenset({"user"}),
    ROLE_SELECT: frozenset({"role"}),
    MENTIONABLE_SELECT: frozenset({"user", "role"}),
    CHANNEL_SELECT: frozenset({"channel"}),
}


@dataclass(slots=True)
class Tree:
    """Walk a tree once: collect faults, count, give ids, return the response's shape."""

    _count: int = 0
    _text: int = 0
    _custom_ids: set[str] = field(default_factory=set)
    _ids: set[int] = field(default_factory=set)

    def _walk(self, components: Field, allowed: frozenset[int], *, most: int) -> tuple[Json, ...]:
        checked = self._list(components.each(0, most), allowed)
        self._number(checked, itertools.count(1))
        if self._count > MAX_COMPONENTS:
            message = f"Total number of components must be {MAX_COMPONENTS} or fewer."
            components.fail("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
        if self._text > MAX_TEXT:
            message = f"Displayable text must be {MAX_TEXT} or fewer in length."
            components.fail("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
        return tuple(checked)

    def _list(self, components: list[Field], allowed: frozenset[int]) -> list[Json]:
        checked = (self._one(component, allowed) for component in components)
        return [component for component in checked if component]

    def _one(self, raw: Field, allowed: frozenset[int]) -> Json:
        if not raw["type"].choice(*sorted(allowed)):
            return {}
        self._count += 1
        own = {"type": raw["type"].raw, "id": self._id(raw["id"])}
        return own | self._check(own["type"])(raw)

    def _check(self, kind: int) -> Callable[[Field], Json]:
        raise NotImplementedError

    def _id(self, raw: Field) -> int:
        """Return the id that was asked for; 0 leaves the choice to `_number`."""
        wanted = raw.raw or 0
        if not is_whole(wanted) or not 0 <= wanted < 1 << 31 or wanted in self._ids:
            raw.fail("COMPONENT_DUPLICATE_ID", "Component id must be unique.")
            return 0
        if wanted:
            self._ids.add(wanted)
        return int(wanted)

    def _number(self, components: list[Json], following: Iterator[int]) -> None:
        """Give the components without an id the free numbers, in their order."""
        for component in components:
            if not component["id"]:
                component["id"] = next(each for each in following if each not in self._ids)
            below = [component.get("accessory"), component.get("component")]
            inner = component.get("components", []) + [each for each in below if each]
            self._number(inner, following)

    def _text_display(self, raw: Field) -> Json:
        content = raw["content"]
        if content.text(1, MAX_TEXT, required=True):
            self._text += len(content.raw)
        return {"content": content.raw}

    def _select(self, raw: Field) -> Json:
        self._custom_id(raw["custom_id"])
        raw["placeholder"].text(0, 150)
        span = self._span(raw, MAX_OPTIONS)
        own = span | given(raw, "custom_id", "placeholder")
        if raw["disabled"].raw:
            own["disabled"] = True
        if raw["type"].raw == STRING_SELECT:
            return own | {"options": options(raw["options"], span)}
        if raw["channel_types"].raw is not None:
            types = raw["channel_types"].each(0, 50)
            own["channel_types"] = [each.raw for each in types if each.number(0, 16)]
        if raw["default_values"].raw is not None:
            kinds = _DEFAULTS[raw["type"].raw]
            own["default_values"] = _default_values(raw["default_values"], kinds, span)
        return own

    def _span(self, raw: Field, most: int) -> Json:
        """Return how many values may be chosen; one unless told (documentation, all selects)."""
        span = {"min_values": 1, "max_values": 1}
        if raw["min_values"].number(0, most) and raw["max_values"].number(1, most):
            span |= given(raw, "min_values", "max_values")
        if span["min_values"] > span["max_values"]:
            message = "min_values should be less than or equal to max_values."
            raw["max_values"].fail("COMPONENT_MIN_VALUES_GREATER_THAN_MAX", message)
        return span

    def _custom_id(self, raw: Field) -> None:
        if not raw.text(1, 100, required=True):
            return
        if raw.raw in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            raw.fail("COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self._custom_ids.add(raw.raw)


def options(raw: Field, span: Json, *, least: int = 1, most: int = MAX_OPTIONS) -> list[Json]:
    """Check the options of a menu; values are unique, and no more than the span are chosen."""
    seen: set[str] = set()
    checked = []
    for option in raw.each(least, most):
        option["label"].text(1, 100, required=True)
        option["description"].text(0, 100)
        if option["value"].text(1, 100, required=True) and option["value"].raw in seen:
            message = "The specified option value is already used"
            option["value"].fail("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(str(option["value"].raw))
        chosen = {"default": True} if option["default"].raw else {}
        checked.append(given(option, "label", "value", "description") | emoji(option) | chosen)
    if sum("default" in each for each in checked) > span["max_values"]:
        message = "More options are chosen than may be."
        raw.fail("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message)
    return checked


def emoji(raw: Field) -> Json:
    """Return {"emoji": ...} in the response's shape, or nothing."""
    symbol = raw["emoji"]
    if symbol.raw is None or not symbol.is_object():
        return {}
    symbol["name"].text(1, 32)
    if symbol["id"].raw is None:
        if symbol["name"].raw is None:
            symbol.fail("COMPONENT_INVALID_EMOJI", "Invalid emoji")
        return {"emoji": {"name": symbol["name"].raw or ""}}
    if (number := snowflakes.parse(symbol["id"].raw)) is None:
        symbol["id"].fail("NUMBER_TYPE_COERCE", f'Value "{symbol["id"].raw}" is not snowflake.')
    animated = {"animated": True} if symbol["animated"].raw else {}
    return {"emoji": {"id": str(number), "name": symbol["name"].raw or ""} | animated}


def given(raw: Field, *names: str) -> Json:
    """Keep the parts that are there."""
    return {name: raw[name].raw for name in names if raw[name].raw is not None}


def _default_values(raw: Field, kinds: frozenset[str], span: Json) -> list[Json]:
    values = []
    for each in raw.each(0, MAX_OPTIONS):
        number = snowflakes.parse(each["id"].raw)
        if number is None or each["type"].raw not in kinds:
            each.fail("BASE_TYPE_CHOICES", f"Must be an id and one of {sorted(kinds)}.")
        values.append({"id": str(number), "type": each["type"].raw})
    if len(values) > span["max_values"]:
        raw.fail("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "More values are chosen than may be.")
    return values
