"""Why Discord did not let the bot in, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import discord

from bot.config.settings import DiscordSettings
from bot.errors import StartError

LIMITED_STATUS: Final = 429
_DEFAULT_WAIT: Final = 60.0
"""Seconds to wait where Discord names no time."""


class TokenRefused(StartError):
    """Discord does not know the token."""

    def __init__(self) -> None:
        super().__init__("Discord refuses the token. Check discord.token.")


def read_retry_after(error: discord.HTTPException) -> float:
    """Return the seconds that Discord asks to wait, or `_DEFAULT_WAIT` if it names none."""
    value = error.response.headers.get("Retry-After", "")
    return max(1.0, float(value)) if value.isdecimal() and len(value) < 8 else _DEFAULT_WAIT


@contextmanager
def explain_login_errors(settings: DiscordSettings) -> Iterator[None]:
    """Raise `StartError` if Discord refuses the token or does not answer."""
    try:
        yield
    except discord.LoginFailure as error:
        raise TokenRefused from error
    except (aiohttp.ClientError, discord.HTTPException, OSError) as error:
        msg = f"Discord doesn't answer at {settings.api_base}. Check discord.api_base."
        if isinstance(error, discord.HTTPException) and error.status == LIMITED_STATUS:
            wait = read_retry_after(error)
            msg = f"Discord limits this address. Wait {wait:g} s, and start nothing else meanwhile."
        raise StartError(msg) from error
