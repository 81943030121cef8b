"""Checks at start; each raises a `StartError` that says in one line what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from bot.config.mistakes import describe_missing_secrets
from bot.config.settings import Settings
from bot.domain.errors import ExpanseError
from bot.errors import ProviderAuth, StartError, get_detail
from bot.services.billing.provider_checks import ProviderChecks

log = structlog.get_logger(__name__)

_KEY_SECONDS: Final = 3.0
"""Seconds that the start waits for the provider's answer about the key."""


def check_secrets(settings: Settings) -> None:
    """Raise `StartError` for the secrets that are missing, all at once."""
    secrets = {
        "discord.token": settings.discord.token,
        "runware.api_key": settings.runware.api_key,
    }
    missing = [name for name, secret in secrets.items() if not secret.get_secret_value()]
    if missing:
        raise StartError(describe_missing_secrets(missing))


async def check_key(checks: ProviderChecks, url: str) -> None:
    """Raise `StartError` if Runware refuses the API key.

    A provider that does not answer, or not as it should, is logged and never ends the start.
    """
    try:
        async with asyncio.timeout(_KEY_SECONDS):
            await checks.check_key()
    except ProviderAuth as error:
        msg = f"Runware at {url} refuses the API key ({error.code}). Check runware.api_key."
        raise StartError(msg) from error
    except (ExpanseError, TimeoutError) as error:
        reason = get_detail(error, f"no answer within {_KEY_SECONDS:g} s")
        log.warning("Runware can't be reached; orders wait until it answers", url=url, why=reason)


@contextmanager
def unwrap_start_error() -> Iterator[None]:
    """Raise a `StartError` of a task group by itself, without its exception group."""
    try:
        yield
    except* StartError as errors:
        raise errors.exceptions[0] from None
