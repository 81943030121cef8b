"""Modals: the window that an application shows, checked and put into the client's shape."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.discord.component_tree import (
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROW,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    Tree,
    given,
    options,
)
from sandbox.discord.forms import Field, Form
from sandbox.discord.models import Json

# Documentation, "Modal" and "Component Reference".
MAX_TOP_LEVEL = 5
MAX_INPUT = 4000
MAX_FILES = 10
TOP_LEVEL = frozenset({ROW, TEXT, LABEL})
LABELLED = SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}


def check(data: Json) -> Json:
    """Return a modal as the client shows it, or raise 50035 with every field at fault."""
    form = Form()
    modal = form.field(data, "data")
    modal["custom_id"].text(1, 100, required=True)
    modal["title"].text(1, 45, required=True)
    components = _ModalCheck().run(modal["components"])
    form.check()
    return {"custom_id": data["custom_id"], "title": data["title"], "components": list(components)}


@dataclass(slots=True)
class _ModalCheck(Tree):
    """Check the components of a modal."""

    def run(self, components: Field) -> tuple[Json, ...]:
        if components.each(1, MAX_TOP_LEVEL):
            return self._walk(components, TOP_LEVEL, most=MAX_TOP_LEVEL)
        return ()

    def _check(self, kind: int) -> Callable[[Field], Json]:
        if kind in SELECTS:
            return self._modal_select
        return {
            ROW: self._row,
            TEXT: self._text_display,
            LABEL: self._label,
            TEXT_INPUT: self._input,
            FILE_UPLOAD: self._upload,
            RADIO_GROUP: self._radio,
            CHECKBOX_GROUP: self._boxes,
            CHECKBOX: self._box,
        }[kind]

    def _row(self, raw: Field) -> Json:
        for child in raw["components"].each(1, 1):
            child["label"].text(1, 45, required=True)
        return {"components": self._list(raw["components"].each(1, 1), frozenset({TEXT_INPUT}))}

    def _label(self, raw: Field) -> Json:
        raw["label"].text(1, 45, required=True)
        raw["description"].text(1, 100)
        below = raw["component"]
        if isinstance(below.raw, dict) and below["label"].raw is not None:
            message = "The label stands on the Label around it."
            below["label"].fail("COMPONENT_LABEL_NOT_ALLOWED", message)
        return given(raw, "label", "description") | {"component": self._one(below, LABELLED)}

    def _input(self, raw: Field) -> Json:
        self._custom_id(raw["custom_id"])
        raw["style"].choice(1, 2)
        raw["placeholder"].text(0, 100)
        raw["value"].text(0, MAX_INPUT)
        least, most = raw["min_length"], raw["max_length"]
        fits = [least.number(0, MAX_INPUT), most.number(1, MAX_INPUT)]
        if all(fits) and (least.raw or 0) > (most.raw or MAX_INPUT):
            message = "min_length should be less than or equal to max_length."
            most.fail("COMPONENT_MIN_LENGTH_GREATER_THAN_MAX", message)
        names = ("custom_id", "style", "label", "placeholder", "value", "min_length", "max_length")
        return given(raw, *names) | _required(raw)

    def _modal_select(self, raw: Field) -> Json:
        if raw["disabled"].raw:
            message = "A select menu in a modal cannot be disabled"
            raw["disabled"].fail("COMPONENT_DISABLED_NOT_ALLOWED", message)
        return self._select(raw) | _required(raw)

    def _upload(self, raw: Field) -> Json:
        self._custom_id(raw["custom_id"])
        return given(raw, "custom_id") | self._span(raw, MAX_FILES) | _required(raw)

    def _radio(self, raw: Field) -> Json:
        self._custom_id(raw["custom_id"])
        one = {"min_values": 1, "max_values": 1}
        choices = options(raw["options"], one, least=2, most=10)
        return given(raw, "custom_id") | {"options": choices} | _required(raw)

    def _boxes(self, raw: Field) -> Json:
        self._custom_id(raw["custom_id"])
        count = len(raw["options"].raw) if isinstance(raw["options"].raw, list) else 1
        span = {"min_values": 1, "max_values": count} | self._boxes_span(raw)
        choices = options(raw["options"], span, most=10)
        return given(raw, "custom_id") | span | {"options": choices} | _required(raw)

    def _boxes_span(self, raw: Field) -> Json:
        fits = [raw["min_values"].number(0, 10), raw["max_values"].number(1, 10)]
        return given(raw, "min_values", "max_values") if all(fits) else {}

    def _box(self, raw: Field) -> Json:
        self._custom_id(raw["custom_id"])
        return given(raw, "custom_id") | {"default": bool(raw["default"].raw)}


def _required(raw: Field) -> Json:
    """Fields of a modal must be filled unless it says otherwise (documentation)."""
    return {"required": raw["required"].raw is not False}
