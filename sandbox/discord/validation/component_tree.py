"""Validation common to message and modal components: ids, custom ids, selects, total size."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.model import snowflakes
from sandbox.discord.model.records import Json
from sandbox.discord.validation.forms import FormField, is_whole

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 17, 18, 19, 21, 22, 23
SELECTS = frozenset({3, 5, 6, 7, 8})

# Documentation, "Component Reference".
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_OPTIONS = 25
# The types of default values that each kind of select accepts.
_DEFAULTS = {
    USER_SELECT: frozenset({"user"}),
    ROLE_SELECT: frozenset({"role"}),
    MENTIONABLE_SELECT: frozenset({"user", "role"}),
    CHANNEL_SELECT: frozenset({"channel"}),
}


@dataclass(slots=True)
class ComponentTree:
    """Validate a component tree in one pass, assign ids, and return its response form."""

    _component_count: int = 0
    _text_length: int = 0
    _custom_ids: set[str] = field(default_factory=set)
    _ids: set[int] = field(default_factory=set)

    def _check_tree(
        self, components: FormField, allowed: frozenset[int], *, maximum: int
    ) -> tuple[Json, ...]:
        checked = self._check_list(components.read_list(0, maximum), allowed)
        self._assign_ids(checked, itertools.count(1))
        if self._component_count > MAX_COMPONENTS:
            message = f"Total number of components must be {MAX_COMPONENTS} or fewer."
            components.add_error("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
        if self._text_length > MAX_TEXT:
            message = f"Displayable text must be {MAX_TEXT} or fewer in length."
            components.add_error("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
        return tuple(checked)

    def _check_list(self, components: list[FormField], allowed: frozenset[int]) -> list[Json]:
        checked = (self._check_component(component, allowed) for component in components)
        return [component for component in checked if component]

    def _check_component(self, raw: FormField, allowed: frozenset[int]) -> Json:
        if not raw["type"].check_choice(*sorted(allowed)):
            return {}
        self._component_count += 1
        own = {"type": raw["type"].raw, "id": self._read_id(raw["id"])}
        return own | self._find_check(own["type"])(raw)

    def _find_check(self, kind: int) -> Callable[[FormField], Json]:
        raise NotImplementedError

    def _read_id(self, raw: FormField) -> int:
        """Return the requested id; 0 lets `_assign_ids` choose one."""
        wanted = raw.raw or 0
        if not is_whole(wanted) or not 0 <= wanted < 1 << 31 or wanted in self._ids:
            raw.add_error("COMPONENT_DUPLICATE_ID", "Component id must be unique.")
            return 0
        if wanted:
            self._ids.add(wanted)
        return int(wanted)

    def _assign_ids(self, components: list[Json], following: Iterator[int]) -> None:
        """Assign unused ids to components without one, in their order."""
        for component in components:
            if not component["id"]:
                component["id"] = next(each for each in following if each not in self._ids)
            below = [component.get("accessory"), component.get("component")]
            inner = component.get("components", []) + [each for each in below if each]
            self._assign_ids(inner, following)

    def _check_text_display(self, raw: FormField) -> Json:
        content = raw["content"]
        if content.check_text(1, MAX_TEXT, required=True):
            self._text_length += len(content.raw)
        return {"content": content.raw}

    def _check_select(self, raw: FormField) -> Json:
        self._check_custom_id(raw["custom_id"])
        raw["placeholder"].check_text(0, 150)
        span = self._read_span(raw, MAX_OPTIONS)
        own = span | pick_present(raw, "custom_id", "placeholder")
        if raw["disabled"].raw:
            own["disabled"] = True
        if raw["type"].raw == STRING_SELECT:
            return own | {"options": check_options(raw["options"], span)}
        if raw["channel_types"].raw is not None:
            types = raw["channel_types"].read_list(0, 50)
            own["channel_types"] = [each.raw for each in types if each.check_number(0, 16)]
        if raw["default_values"].raw is not None:
            kinds = _DEFAULTS[raw["type"].raw]
            own["default_values"] = _read_default_values(raw["default_values"], kinds, span)
        return own

    def _read_span(self, raw: FormField, maximum: int) -> Json:
        """Return how many values may be chosen; one by default (documentation, all selects)."""
        span = {"min_values": 1, "max_values": 1}
        if raw["min_values"].check_number(0, maximum) and raw["max_values"].check_number(
            1, maximum
        ):
            span |= pick_present(raw, "min_values", "max_values")
        if span["min_values"] > span["max_values"]:
            message = "min_values should be less than or equal to max_values."
            raw["max_values"].add_error("COMPONENT_MIN_VALUES_GREATER_THAN_MAX", message)
        return span

    def _check_custom_id(self, raw: FormField) -> None:
        if not raw.check_text(1, 100, required=True):
            return
        if raw.raw in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            raw.add_error("COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self._custom_ids.add(raw.raw)


def check_options(
    raw: FormField, span: Json, *, minimum: int = 1, maximum: int = MAX_OPTIONS
) -> list[Json]:
    """Validate a menu's options: unique values, and no more defaults than `span` allows."""
    seen: set[str] = set()
    checked = []
    for option in raw.read_list(minimum, maximum):
        option["label"].check_text(1, 100, required=True)
        option["description"].check_text(0, 100)
        if option["value"].check_text(1, 100, required=True) and option["value"].raw in seen:
            message = "The specified option value is already used"
            option["value"].add_error("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(str(option["value"].raw))
        chosen = {"default": True} if option["default"].raw else {}
        checked.append(
            pick_present(option, "label", "value", "description") | read_emoji(option) | chosen
        )
    if sum("default" in each for each in checked) > span["max_values"]:
        message = "More options are chosen than may be."
        raw.add_error("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message)
    return checked


def read_emoji(raw: FormField) -> Json:
    """Return {"emoji": ...} in response form, or {}."""
    symbol = raw["emoji"]
    if symbol.raw is None or not symbol.is_object():
        return {}
    symbol["name"].check_text(1, 32)
    if symbol["id"].raw is None:
        if symbol["name"].raw is None:
            symbol.add_error("COMPONENT_INVALID_EMOJI", "Invalid emoji")
        return {"emoji": {"name": symbol["name"].raw or ""}}
    if (number := snowflakes.parse_snowflake(symbol["id"].raw)) is None:
        symbol["id"].add_error(
            "NUMBER_TYPE_COERCE", f'Value "{symbol["id"].raw}" is not snowflake.'
        )
    animated = {"animated": True} if symbol["animated"].raw else {}
    return {"emoji": {"id": str(number), "name": symbol["name"].raw or ""} | animated}


def pick_present(raw: FormField, *names: str) -> Json:
    """Return the fields that are present."""
    return {name: raw[name].raw for name in names if raw[name].raw is not None}


def _read_default_values(raw: FormField, kinds: frozenset[str], span: Json) -> list[Json]:
    values = []
    for each in raw.read_list(0, MAX_OPTIONS):
        number = snowflakes.parse_snowflake(each["id"].raw)
        if number is None or each["type"].raw not in kinds:
            each.add_error("BASE_TYPE_CHOICES", f"Must be an id and one of {sorted(kinds)}.")
        values.append({"id": str(number), "type": each["type"].raw})
    if len(values) > span["max_values"]:
        raw.add_error(
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "More values are chosen than may be."
        )
    return values


def iter_components(tree: Any) -> Iterator[Json]:
    """Iterate over a component tree, parents before children."""
    for component in tree:
        yield component
        inner = [component.get("accessory"), component.get("component")]
        yield from iter_components([*component.get("components", ()), *filter(None, inner)])
