"""Checks at start; each raises a `StartError` that says in one line what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.config.settings import Settings
from bot.domain.errors import ExpanseError
from bot.errors import ProviderAuth, StartError
from bot.runware.client import RunwareClient


def check_secrets(settings: Settings) -> None:
    """Raise `StartError` for a secret that is missing."""
    for name, secret in (
        ("discord.token", settings.discord.token),
        ("runware.api_key", settings.runware.api_key),
    ):
        if not secret.get_secret_value():
            variable = f"EXPANSE_{name.upper().replace('.', '__')}"
            msg = f"There is no {name}. Put it into config.toml, or into {variable}."
            raise StartError(msg)


async def check_provider(client: RunwareClient, url: str) -> None:
    """Raise `StartError` unless the provider answers and accepts the API key."""
    try:
        await client.ping()
    except ProviderAuth as error:
        msg = f"Runware at {url} does not take the key ({error.code}). Check runware.api_key."
        raise StartError(msg) from error
    except ExpanseError as error:
        msg = f"Runware does not answer at {url} as it should. Check runware.base_url."
        raise StartError(msg) from error


@contextmanager
def unwrap_start_error() -> Iterator[None]:
    """Raise a `StartError` of a task group by itself, without its exception group."""
    try:
        yield
    except* StartError as errors:
        raise errors.exceptions[0] from None
