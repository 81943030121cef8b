"""Switches for questions that the vendor's documentation leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Setting = str | float | bool | None
_MAX_NUMBER: Final = 10**9


def _declare_switch(about: str, *choices: Setting) -> Any:
    """Declare a switch by its question and its choices; the first is the default."""
    return field(default=choices[0], metadata={"about": about, "choices": choices})


@dataclass(frozen=True, slots=True)
class Switches:
    """The chosen answers; times are in seconds, None means unlimited."""

    batch: str = _declare_switch(
        "One task of a request is refused: are the others accepted?", "each", "whole"
    )
    mixed_status: str = _declare_switch(
        "HTTP status of an answer with data and errors.", "ok", "worst"
    )
    failed_poll_status: str = _declare_switch(
        "HTTP status of a poll whose tasks all failed.", "worst", "ok"
    )
    partial: str = _declare_switch(
        "How one moderated result of several shows: an error beside the others, an item marked as"
        " failed, not at all, or as the end of the whole task.",
        *("beside", "item", "silent", "whole"),
    )
    moderated_bill: str = _declare_switch(
        "Is a moderated result billed, and does its error report the cost?",
        *("free", "billed", "reported"),
    )
    moderation_code: str = _declare_switch(
        "The error code of moderation.",
        *("invalidProviderContent", "contentPolicyViolation", "taskFailed"),
    )
    uuid_reserved: float | None = _declare_switch(
        "How long after its end a task keeps its UUID.", None, 120.0, 0.0
    )
    refused_uuid: str = _declare_switch(
        "Is the UUID of a task that a check refused free?", "free", "reserved"
    )
    unknown_task: str = _declare_switch(
        "A poll for an unknown UUID: no entry, an error with the UUID, or an error without it.",
        *("empty", "error", "unnamed"),
    )
    sync_polled: str = _declare_switch(
        "Does getResponse show tasks sent with sync?", "shown", "hidden"
    )
    retention: float | None = _declare_switch(
        "How long after its end getResponse shows a task.", None, 3600.0, 120.0
    )
    late: float = _declare_switch(
        "How long after its acceptance getResponse begins to show a task.", 0.0, 0.3, 2.0
    )
    waiting: str = _declare_switch(
        "What a poll shows of results that are still made: an item each, one in all, or nothing.",
        *("each", "one", "none"),
    )
    ack: str = _declare_switch(
        "The acknowledgement of an async task: an item, or nothing.", "item", "empty"
    )
    url_seconds: float | None = _declare_switch(
        "Lifetime of a result's URL without ttl.", None, 3600.0, 600.0
    )
    canvas_pixels: float = _declare_switch("Largest canvas in pixels.", 6144 * 6144, 4_194_304)
    over_canvas: str = _declare_switch(
        "A larger canvas is refused, or made and scaled down.", "refuse", "reduce"
    )
    grid: float = _declare_switch("Sides of a result are multiples of so many pixels.", 1, 16)
    clamp_megapixels: float | None = _declare_switch(
        "A canvas of more megapixels comes back scaled down to them, on a grid of 16.", None, 1.6
    )
    cut: bool = _declare_switch(
        "What is over on the grid is cut off at the right and bottom, not squeezed in.",
        *(False, True),
    )
    shift: float = _declare_switch(
        "By how many pixels content lies further right and up than asked for.", 0.0, 7.0
    )
    scale: float = _declare_switch(
        "By which factor content is stretched across and squeezed down.", 1.0, 1.02
    )
    large_seed: str = _declare_switch(
        "An inline seed image over 2048 pixels is kept, or scaled down as uploads are.",
        *("kept", "reduced"),
    )
    inline_bytes: float = _declare_switch(
        "Longest inline seed image in characters.", 28 * 2**20, 10 * 2**20
    )
    balance: str = _declare_switch("The balance is a number, or an object.", "number", "object")
    dry_run: str = _declare_switch(
        "What a dry run answers: the cost, an acknowledgement, nothing, or an error.",
        *("cost", "ack", "empty", "refused"),
    )
    price: str = _declare_switch(
        "The price of a result is the same each time, or varies from half to twice of it.",
        *("fixed", "varies"),
    )
    http_ping: str = _declare_switch("Is ping a task type over HTTP too?", "unknown", "known")
    conflict: str = _declare_switch(
        "Where a conflict names its task: in the error, in its context, in error_data.context.",
        *("error", "context", "error_data"),
    )
    error_parameter: str = _declare_switch(
        "An error's parameter is a list where it is about several, or always.", "string", "list"
    )
    usage_days: str = _declare_switch(
        "The usage by day lists the days with usage, or every day.", "used", "all"
    )
    usage_late: float = _declare_switch(
        "How long after it was billed a result is in the usage.", 0.0, 900.0
    )
    model_status: str = _declare_switch(
        "What the catalogue says of the model; missing is a 404.",
        *("live", "deprecated", "coming-soon", "unlisted", "missing"),
    )
    webhook_failure: str = _declare_switch(
        "Body of a webhook for a failure: the error itself, wrapped in errors, or none is sent.",
        *("flat", "errors", "none"),
    )
    webhook_attempts: float = _declare_switch("How often a webhook is tried.", 6, 1)
    retry_after: str = _declare_switch("Retry-After of a 429.", "seconds", "date", "none")

    @classmethod
    def list_choices(cls) -> dict[str, tuple[Setting, ...]]:
        """Return each switch's choices, the default first."""
        return {entry.name: entry.metadata["choices"] for entry in fields(cls)}

    def with_changes(self, changes: Mapping[str, Any]) -> Switches:
        """Return the switches with some changed; raise ValueError for an invalid choice."""
        known = self.list_choices()
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"there is no switch {name[:50]}")
            if not _is_offered(value, known[name]):
                offered = ", ".join(repr(choice) for choice in known[name])
                raise ValueError(f"{name} is one of {offered}")
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return each switch with its setting, choices and question."""
        return {
            entry.name: {
                "value": getattr(self, entry.name),
                "choices": list(entry.metadata["choices"]),
                "about": entry.metadata["about"],
            }
            for entry in fields(self)
        }


def _is_offered(value: Any, choices: tuple[Setting, ...]) -> bool:
    """Accept one of the choices; where a choice is a number, also any other from 0 up."""
    if any(type(value) is type(choice) and value == choice for choice in choices):
        return True
    numeric = any(type(choice) in {int, float} for choice in choices)
    return numeric and type(value) in {int, float} and 0 <= value <= _MAX_NUMBER
