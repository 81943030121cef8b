"""The doctor's checks of the provider: key, balance, price and model, each with its own line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bot.cli.checks import CheckLevel, CheckResult
from bot.composition.provider import build_provider_checks, open_provider
from bot.config.settings import Settings
from bot.domain.errors import ExpanseError
from bot.errors import ProviderAuth, get_detail
from bot.services.billing.provider_checks import ProviderChecks
from bot.services.ports.provider import (
    BalanceReading,
    KeyReading,
    ModelReading,
    PriceReading,
)
from bot.ui.texts.provider import describe_reading

_KEY: Final = "Runware key"
_OTHERS: Final = ("Runware balance", "Runware price", "Runware model")
_NO_ANSWER: Final = "no answer in time"
_ADVICE: Final = "Look it up in Runware's dashboard."
Reading = BalanceReading | PriceReading | ModelReading


async def check_provider(settings: Settings) -> list[CheckResult]:
    """Check the provider without spending anything.

    Without an accepted key nothing else can be asked, which the other lines then say.
    """
    if not settings.runware.api_key.get_secret_value():
        missing = CheckResult(_KEY, CheckLevel.FAILED, "not checked: runware.api_key is not set")
        return [missing, *_skip_others("runware.api_key is not set")]
    seconds = settings.runware.request_seconds
    async with open_provider(settings) as provider:
        checks = build_provider_checks(settings, provider.client, provider.catalog)
        key = await _check_key(checks, settings.runware.base_url, seconds)
        if key.level is not CheckLevel.OK:
            return [key, *_skip_others("the key has to be accepted first")]
        asked: tuple[Callable[[], Awaitable[Reading]], ...] = (
            checks.check_balance,
            checks.check_price,
            checks.check_model,
        )
        named = zip(_OTHERS, asked, strict=True)
        return [key, *[await _run_check(name, check, seconds) for name, check in named]]


def _skip_others(why: str) -> list[CheckResult]:
    return [CheckResult(name, CheckLevel.WARNING, f"not checked: {why}") for name in _OTHERS]


async def _check_key(checks: ProviderChecks, url: str, seconds: float) -> CheckResult:
    try:
        async with asyncio.timeout(seconds):
            await checks.check_key()
    except ProviderAuth as error:
        detail = describe_reading(KeyReading(error.code))
    except (ExpanseError, TimeoutError) as error:
        detail = (
            f"Runware doesn't answer at {url} as expected ({get_detail(error, _NO_ANSWER)})."
            " The bot still starts, and orders wait. Check runware.base_url and the network."
        )
    else:
        return CheckResult(_KEY, CheckLevel.OK, f"accepted at {url}")
    return CheckResult(_KEY, CheckLevel.FAILED, detail)


async def _run_check(
    name: str, check: Callable[[], Awaitable[Reading]], seconds: float
) -> CheckResult:
    """Run one check; what can't be checked is a warning, since the bot works without it."""
    try:
        async with asyncio.timeout(seconds):
            reading = await check()
    except (ExpanseError, TimeoutError) as error:
        why = get_detail(error, _NO_ANSWER)
        return CheckResult(name, CheckLevel.WARNING, f"could not be checked: {why}. {_ADVICE}")
    detail = describe_reading(reading)
    return CheckResult(name, _judge_reading(reading), detail)


def _judge_reading(reading: Reading) -> CheckLevel:
    match reading:
        case BalanceReading(balance=int(balance)) if balance <= 0:
            return CheckLevel.FAILED
        case BalanceReading(balance=None) | PriceReading(price=None):
            return CheckLevel.WARNING
        case _:
            return CheckLevel.WARNING if reading.needs_attention else CheckLevel.OK
