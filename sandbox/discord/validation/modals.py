"""Validation of modals, which returns them in the client's form."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.discord.model.records import Json
from sandbox.discord.validation.component_tree import (
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROW,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    ComponentTree,
    check_options,
    pick_present,
)
from sandbox.discord.validation.file_types import read_file_types
from sandbox.discord.validation.forms import Form, FormField

# Documentation, "Modal" and "Component Reference".
MAX_TOP_LEVEL = 5
MAX_INPUT = 4000
MAX_FILES = 10
TOP_LEVEL = frozenset({ROW, TEXT, LABEL})
LABELLED = SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}


def check_modal(data: Json) -> Json:
    """Return a modal as shown by the client; raise 50035 with all invalid fields."""
    form = Form()
    modal = form.field(data, "data")
    modal["custom_id"].check_text(1, 100, required=True)
    modal["title"].check_text(1, 45, required=True)
    components = _ModalCheck().run(modal["components"])
    form.raise_errors()
    return {"custom_id": data["custom_id"], "title": data["title"], "components": list(components)}


@dataclass(slots=True)
class _ModalCheck(ComponentTree):
    def run(self, components: FormField) -> tuple[Json, ...]:
        if components.read_list(1, MAX_TOP_LEVEL):
            return self._check_tree(components, TOP_LEVEL, maximum=MAX_TOP_LEVEL)
        return ()

    def _find_check(self, kind: int) -> Callable[[FormField], Json]:
        if kind in SELECTS:
            return self._check_modal_select
        return {
            ROW: self._check_row,
            TEXT: self._check_text_display,
            LABEL: self._check_label,
            TEXT_INPUT: self._check_input,
            FILE_UPLOAD: self._check_upload,
            RADIO_GROUP: self._check_radio,
            CHECKBOX_GROUP: self._check_boxes,
            CHECKBOX: self._check_box,
        }[kind]

    def _check_row(self, raw: FormField) -> Json:
        for child in raw["components"].read_list(1, 1):
            child["label"].check_text(1, 45, required=True)
        return {
            "components": self._check_list(
                raw["components"].read_list(1, 1), frozenset({TEXT_INPUT})
            )
        }

    def _check_label(self, raw: FormField) -> Json:
        raw["label"].check_text(1, 45, required=True)
        raw["description"].check_text(1, 100)
        below = raw["component"]
        if isinstance(below.raw, dict) and below["label"].raw is not None:
            message = "The label stands on the Label around it."
            below["label"].add_error("COMPONENT_LABEL_NOT_ALLOWED", message)
        return pick_present(raw, "label", "description") | {
            "component": self._check_component(below, LABELLED)
        }

    def _check_input(self, raw: FormField) -> Json:
        self._check_custom_id(raw["custom_id"])
        raw["style"].check_choice(1, 2)
        raw["placeholder"].check_text(0, 100)
        raw["value"].check_text(0, MAX_INPUT)
        minimum, maximum = raw["min_length"], raw["max_length"]
        fits = [minimum.check_number(0, MAX_INPUT), maximum.check_number(1, MAX_INPUT)]
        if all(fits) and (minimum.raw or 0) > (maximum.raw or MAX_INPUT):
            message = "min_length should be less than or equal to max_length."
            maximum.add_error("COMPONENT_MIN_LENGTH_GREATER_THAN_MAX", message)
        names = ("custom_id", "style", "label", "placeholder", "value", "min_length", "max_length")
        return pick_present(raw, *names) | _read_required(raw)

    def _check_modal_select(self, raw: FormField) -> Json:
        if raw["disabled"].raw:
            message = "A select menu in a modal cannot be disabled"
            raw["disabled"].add_error("COMPONENT_DISABLED_NOT_ALLOWED", message)
        return self._check_select(raw) | _read_required(raw)

    def _check_upload(self, raw: FormField) -> Json:
        self._check_custom_id(raw["custom_id"])
        own = pick_present(raw, "custom_id") | self._read_span(raw, MAX_FILES)
        return own | read_file_types(raw) | _read_required(raw)

    def _check_radio(self, raw: FormField) -> Json:
        self._check_custom_id(raw["custom_id"])
        one = {"min_values": 1, "max_values": 1}
        choices = check_options(raw["options"], one, minimum=2, maximum=10)
        return pick_present(raw, "custom_id") | {"options": choices} | _read_required(raw)

    def _check_boxes(self, raw: FormField) -> Json:
        self._check_custom_id(raw["custom_id"])
        count = len(raw["options"].raw) if isinstance(raw["options"].raw, list) else 1
        span = {"min_values": 1, "max_values": count} | self._read_boxes_span(raw)
        choices = check_options(raw["options"], span, maximum=10)
        return pick_present(raw, "custom_id") | span | {"options": choices} | _read_required(raw)

    def _read_boxes_span(self, raw: FormField) -> Json:
        fits = [raw["min_values"].check_number(0, 10), raw["max_values"].check_number(1, 10)]
        return pick_present(raw, "min_values", "max_values") if all(fits) else {}

    def _check_box(self, raw: FormField) -> Json:
        self._check_custom_id(raw["custom_id"])
        return pick_present(raw, "custom_id") | {"default": bool(raw["default"].raw)}


def _read_required(raw: FormField) -> Json:
    """Return whether a field is required, which is the default (documentation)."""
    return {"required": raw["required"].raw is not False}
