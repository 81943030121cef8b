"""The page of errors is complete and is what the code says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import pytest

from bot import errors
from bot.domain import errors as domain_errors
from bot.domain.errors import Refusal
from bot.domain.geometry import Margins, Side, Size
from bot.domain.ledger import LimitKind
from bot.domain.money import MicroUsd
from bot.domain.settings_table import BETWEEN
from bot.errors import Permanent, Transient, get_class_code, get_error_code
from bot.ui.i18n.translations import LANGUAGES, get_translations
from bot.ui.texts.errors.errors import UNEXPECTED, explain_error, find_explanation
from bot.ui.texts.errors.errors_doc import render_errors_page
from bot.ui.texts.errors.limits import PAUSE_REASONS
from bot.ui.texts.errors.refusal_reasons import COMPONENT_REFUSALS, IMAGE_REFUSALS

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"
INSIDE = {
    "ExpanseError",
    "Refusal",
    "Permanent",
    "Transient",
    "RequestRefusal",
    "OutOfRange",
    "StartError",
    "PolicyRefusal",
}
GENERAL = {"MediaUnavailable", "WorkerDied", "OutcomeUnknown", "TaskConflict", "TaskFailed"}
GENERAL |= {"StorageUnavailable", "TaskForgotten", "SubmissionsPaused"}
"""What members meet only as the general sentence, or never: retried, or for operators."""
AT, USD = datetime(2026, 11, 22, tzinfo=UTC), MicroUsd(50_000)
EXAMPLES: list[Exception] = [
    *(errors.ImageRefused(reason, "9x9", "64") for reason in IMAGE_REFUSALS),
    *(errors.ComponentRefused(reason) for reason in COMPONENT_REFUSALS),
    errors.PromptRefused(1, 2, 3000),
    errors.QuotaExhausted(1, 20, 20, AT),
    errors.QuotaExhausted(4, 18, 20, AT),
    *(
        errors.BudgetExhausted(USD, USD, USD, AT, cap)
        for cap in LimitKind
        if cap not in {LimitKind.USER_DAY, LimitKind.USER_CEILING}
    ),
    *(errors.FreeWorkRefused(limit, AT) for limit in errors.FreeWorkLimit),
    errors.QueueFull(3, 3, own=True),
    errors.QueueFull(300, 300, own=False),
    errors.IntakePaused("lunch *now*", None),
    errors.IntakePaused("", AT),
    errors.MemberPaused(5, AT),
    errors.ReadingPaused(5, AT),
    errors.StorageLow(1, 2),
    errors.MemberBlocked("@everyone", AT),
    errors.MemberBlocked("", None),
    errors.PlaceNotAllowed(channels=(5, 6)),
    errors.PlaceNotAllowed(roles=(5,)),
    errors.PlaceNotAllowed(is_gallery=True),
    errors.WordRefused("@everyone"),
    errors.WordRefused(""),
    errors.PatternsUndecided(2),
    errors.ToleranceRefused(6, 2),
    errors.SideTooLong(4096, 2048),
    domain_errors.SettingRefused("tolerance", "9", BETWEEN, {"lowest": 0, "highest": 2}),
    domain_errors.SettingRefused("banned_patterns", "(", "a pattern as RE2 knows them"),
    *(kind("code", "detail") for kind in Permanent.__subclasses__()),
    *(kind("detail") for kind in (errors.ProviderBusy, errors.ProviderUnavailable)),
    domain_errors.PixelsOutOfRange(0, 1, 2048),
    domain_errors.ResultsOutOfRange(9, 1, 4),
    domain_errors.ZoomOutOfRange(Fraction(9), Fraction(101, 100), Fraction(8)),
    domain_errors.NotARatio("@everyone"),
    domain_errors.NothingToAdd(Size(9, 9)),
    domain_errors.MarginTooLarge(Side.LEFT, 9000, 2048),
    domain_errors.CanvasTooLarge(Size(9000, 9000), 36_000_000, Margins(left=64)),
    domain_errors.CanvasTooLarge(Size(9000, 9000), 36_000_000, None),
]


def list_kinds() -> Iterator[type[Exception]]:
    pending: list[type[Exception]] = [Refusal, Permanent, Transient]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind.__module__.startswith("bot.") and kind.__name__ not in INSIDE:
            yield kind


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text() == render_errors_page(), "run: make pages"


@pytest.mark.parametrize("kind", sorted(list_kinds(), key=str))
def test_every_kind_of_error_has_words_of_its_own_and_stands_on_the_page(
    kind: type[Exception],
) -> None:
    if kind.__name__ in GENERAL:
        return
    examples = [error for error in EXAMPLES if type(error) is kind]
    assert examples, "no example"
    assert all(find_explanation(error) is not UNEXPECTED for error in examples)
    if kind not in {errors.ImageRefused, errors.ComponentRefused}:
        assert f"`{get_class_code(kind)}" in render_errors_page()


@pytest.mark.parametrize(
    ("reasons", "table"),
    [
        (errors.ImageReason, IMAGE_REFUSALS),
        (errors.ComponentReason, COMPONENT_REFUSALS),
        (errors.PauseReason, PAUSE_REASONS),
    ],
)
def test_every_reason_has_a_text_and_is_given_somewhere(
    reasons: type[StrEnum], table: Mapping[str, object]
) -> None:
    root = Path(__file__).parents[3]
    given = "".join(
        path.read_text()
        for folder in ("bot", "cogs")
        for path in (root / folder).rglob("*.py")
        if "texts" not in path.parts
    )
    assert set(reasons) <= set(table)
    for reason in reasons:
        assert f"{reasons.__name__}.{reason.name}" in given, reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_is_said_in_every_language_with_its_numbers(language: str) -> None:
    _ = get_translations(language)
    for error in EXAMPLES:
        said = explain_error(_, error)
        assert said.happened
        assert said.advice
        assert "{" not in said.happened + said.advice
        assert "@everyone" not in said.happened
        assert get_error_code(error)
