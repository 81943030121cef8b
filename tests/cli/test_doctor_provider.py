"""What the doctor says of the provider, over HTTP, for each answer that it may get."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.cli.checks import CheckLevel
from bot.cli.doctor_provider import check_provider
from bot.config.settings import RunwareSettings, Settings
from tests.support.runware.scripted_provider import MODEL, ScriptedProvider, build_error

OK, WARNING, FAILED = CheckLevel.OK, CheckLevel.WARNING, CheckLevel.FAILED
NAMES = ["Runware key", "Runware balance", "Runware price", "Runware model"]


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[ScriptedProvider]:
    async with ScriptedProvider.open() as opened:
        yield opened


async def run_check(provider: ScriptedProvider, name: str) -> tuple[CheckLevel, str]:
    """Return the doctor's line about one thing; the others must be fine."""
    found = {each.name: each for each in await check_provider(provider.build_settings())}
    assert list(found) == NAMES
    line = found.pop(name)
    assert {each.level for each in found.values()} == {OK}
    return line.level, line.detail


async def test_all_is_well_and_nothing_is_spent(provider: ScriptedProvider) -> None:
    found = await check_provider(provider.build_settings())
    assert [(each.name, each.level, each.detail) for each in found] == [
        ("Runware key", OK, f"accepted at {provider.url}"),
        ("Runware balance", OK, "$995.00 left"),
        ("Runware price", OK, "$0.05 a picture, as expected"),
        ("Runware model", OK, f"{MODEL} is live"),
    ]
    priced = [task for task in provider.tasks if task["taskType"] == "imageInference"]
    assert [task["numberResults"] for task in priced] == [1]


@pytest.mark.parametrize(
    ("balance", "level", "detail"),
    [
        (5, OK, "$5.00 left"),
        (4.99, WARNING, "$4.99 left, less than $5.00 (runware.low_balance_usd)."),
        ({"amount": 3.5, "freeBalance": 1, "currency": "USD"}, WARNING, "$3.50 left, less than"),
        (0, FAILED, "$0.00 left, less than"),
        (-0.03, FAILED, "-$0.03 left, less than"),
        ("5", WARNING, "Runware's answer has an unknown format."),
        (None, WARNING, "Runware's answer has an unknown format."),
    ],
)
async def test_the_balance(
    provider: ScriptedProvider, balance: Any, level: CheckLevel, detail: str
) -> None:
    provider.details = (200, {"balance": balance})
    found, text = await run_check(provider, "Runware balance")
    assert (found, text[: len(detail)]) == (level, detail)


GO_ON = "Expanse keeps using $0.05 a picture."
LOOK_UP = "Look the price up in Runware's dashboard."


def absurd(price: str) -> str:
    return f"Runware gives a price that can't be right: {price}. {GO_ON} {LOOK_UP}"


@pytest.mark.parametrize(
    ("answer", "level", "detail"),
    [
        ({"cost": 0.05}, OK, "$0.05 a picture, as expected"),
        (
            {"cost": 0.0625},
            WARNING,
            (
                "Runware's price is $0.0625 a picture; Expanse holds $0.05."
                " Set limits.usd_per_result = 0.0625."
            ),
        ),
        (
            {"cost": 0},
            WARNING,
            (
                "Runware's price is $0.00 a picture; Expanse holds $0.05."
                " Look the price up in Runware's dashboard."
            ),
        ),
        ({"cost": -0.05}, WARNING, absurd("-0.05")),
        ({"cost": float("nan")}, WARNING, absurd("nan")),
        ({"cost": float("inf")}, WARNING, absurd("inf")),
        ({"cost": 10**30}, WARNING, absurd("1000000000000000000000000"[:24])),
        ({"cost": 10.01}, WARNING, absurd("10.01")),
        ({"cost": "0.05"}, WARNING, f"The dry run gave no price. {GO_ON}"),
        ({}, WARNING, f"The dry run gave no price. {GO_ON}"),
    ],
)
async def test_the_price(
    provider: ScriptedProvider, answer: dict[str, Any], level: CheckLevel, detail: str
) -> None:
    provider.dry_run = (200, answer)
    assert await run_check(provider, "Runware price") == (level, detail)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((400, build_error("unknownParameter", parameter=["outpaint"])), "unknownParameter: no"),
        ((403, build_error("forbidden")), "forbidden: no"),
        ((500, "<html>"), "HTTP 500 after the request was sent"),
        ((200, "<html>"), "HTTP 200"),
        ((404, "<html>"), "HTTP 404"),
    ],
)
async def test_a_dry_run_that_is_refused_is_not_the_failure_of_the_whole(
    provider: ScriptedProvider, answer: tuple[int, Any], why: str
) -> None:
    provider.dry_run = answer
    level, detail = await run_check(provider, "Runware price")
    assert level is WARNING
    assert detail.startswith(f"could not be checked: {why}")
    assert detail.endswith("Look it up in Runware's dashboard.")


@pytest.mark.parametrize(
    ("answer", "level", "detail"),
    [
        ((200, {"status": "live"}), OK, f"{MODEL} is live"),
        ((200, {"status": "API Only"}), OK, f"{MODEL} is API Only"),
        (
            (200, {"status": "deprecated", "replacedBy": "bfl:flux@outpainting"}),
            WARNING,
            (
                f"{MODEL} is deprecated at Runware; its successor is bfl:flux@outpainting."
                " Before it stops working, update Expanse or choose another runware.model."
            ),
        ),
        (
            (200, {"status": "deprecated", "replacedBy": ["a:1@1", 7, "a:1@2"]}),
            WARNING,
            (
                f"{MODEL} is deprecated at Runware; its successor is a:1@1, a:1@2."
                " Before it stops working, update Expanse or choose another runware.model."
            ),
        ),
        (
            (200, {"status": "coming-soon"}),
            WARNING,
            (
                f"{MODEL} is coming-soon at Runware."
                " Before it stops working, update Expanse or choose another runware.model."
            ),
        ),
        (
            (404, {"error": "Model not found"}),
            WARNING,
            f"Runware's catalogue doesn't list {MODEL}. Check runware.model.",
        ),
        (
            (200, {"name": "without a status"}),
            WARNING,
            (
                "could not be checked: the catalogue names no status."
                " Look it up in Runware's dashboard."
            ),
        ),
        (
            (200, ["no entry"]),
            WARNING,
            (
                "could not be checked: the catalogue's entry makes no sense."
                " Look it up in Runware's dashboard."
            ),
        ),
        (
            (503, {}),
            WARNING,
            "could not be checked: the catalogue: HTTP 503. Look it up in Runware's dashboard.",
        ),
    ],
)
async def test_the_model(
    provider: ScriptedProvider, answer: tuple[int, Any], level: CheckLevel, detail: str
) -> None:
    provider.model = answer
    assert await run_check(provider, "Runware model") == (level, detail)


def read_skipped(why: str) -> list[tuple[str, CheckLevel, str]]:
    return [(name, WARNING, f"not checked: {why}") for name in NAMES[1:]]


async def test_without_a_key_nothing_is_asked(provider: ScriptedProvider) -> None:
    found = await check_provider(Settings(runware=RunwareSettings(base_url=provider.url)))
    first, *others = [(each.name, each.level, each.detail) for each in found]
    assert first == ("Runware key", FAILED, "not checked: runware.api_key is not set")
    assert others == read_skipped("runware.api_key is not set")
    assert provider.tasks == []


async def test_a_refused_key_fails_and_the_others_say_why_they_are_missing(
    provider: ScriptedProvider,
) -> None:
    provider.details = (401, build_error("invalidApiKey"))
    first, *others = await check_provider(provider.build_settings())
    assert first.level is FAILED
    assert first.detail == "Runware refuses the API key (invalidApiKey). Check runware.api_key."
    shown = [(each.name, each.level, each.detail) for each in others]
    assert shown == read_skipped("the key has to be accepted first")


@pytest.mark.parametrize("answer", [(500, "<html>"), (200, "<html>"), (404, "<html>")])
async def test_a_provider_that_makes_no_sense_fails_with_what_to_look_at(
    provider: ScriptedProvider, answer: tuple[int, Any]
) -> None:
    provider.details = answer
    first, *others = await check_provider(provider.build_settings())
    assert first.level is FAILED
    assert first.detail.startswith(f"Runware doesn't answer at {provider.url} as expected (HTTP")
    assert first.detail.endswith("Check runware.base_url and the network.")
    assert {each.level for each in others} == {WARNING}
