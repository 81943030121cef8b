"""`expanse init`: write a configuration, and ask for the two secrets that it needs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Final

import typer
from pydantic import SecretStr

from bot.cli.context import DEFAULT_CONFIG
from bot.composition.provider import build_provider_checks, open_provider
from bot.config.loader import format_example, load_settings
from bot.config.mistakes import format_variable
from bot.config.settings import Settings, is_plain_secret
from bot.domain.errors import ExpanseError
from bot.errors import ProviderAuth, StartError, get_detail
from bot.ui.bot_account import fetch_account
from bot.ui.login_errors import TokenRefused
from bot.ui.texts.provider import describe_reading

_CHECK_SECONDS: Final = 10.0
"""How long one service may take to answer."""
_NOT_INVITED: Final = "To get the invite link: expanse doctor"


class _SecretRefused(Exception):
    """The service does not know the secret."""


@dataclass(frozen=True, slots=True)
class _Check:
    """What a service said of a secret, and what to print at the end."""

    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Secret:
    """A secret, where to find it, and its check, which raises `_SecretRefused`."""

    setting: str
    label: str
    source: str
    service: str
    check: Callable[[Settings, SecretStr], Awaitable[_Check]]
    unchecked_advice: str = ""


def init(
    path: Annotated[Path, typer.Argument(help="Where the configuration goes.")] = DEFAULT_CONFIG,
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nothing; fill the secrets in later.")
    ] = False,
) -> None:
    """Write a configuration with every setting explained, and ask for the two secrets.

    They are checked with Discord and Runware. A file that exists is left unchanged.
    """
    settings = load_settings(None)
    is_asking = sys.stdin.isatty() and not no_input
    with _create_file(path) as file:
        answers, advice = _ask_secrets(settings) if is_asking else ({}, [])
        file.write(format_example(answers))
    typer.echo(f"{path} is written, and only you can read it.")
    for line in advice:
        typer.echo(line)
    missing = [] if is_asking else ["fill in discord.token and runware.api_key"]
    steps = [*missing, f"look at [limits] in {path}", "expanse doctor", "expanse run"]
    typer.echo(f"Next: {', then '.join(steps)}")


@contextmanager
def _create_file(path: Path) -> Iterator[IO[str]]:
    """Create a file that only its owner may read; delete it if the block does not end well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        msg = f"{path} exists already and was left unchanged. To check it: expanse doctor"
        raise StartError(msg) from None
    except OSError as error:
        raise StartError(f"{path} can't be written ({error.strerror}).") from error
    with os.fdopen(number, "w", encoding="utf-8") as file:
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _ask_secrets(settings: Settings) -> tuple[dict[str, str], list[str]]:
    """Ask for each secret that the environment does not set; return them, and what to advise."""
    answers, advice = dict[str, str](), list[str]()
    typer.echo("Expanse needs two secrets. Your input stays hidden; press Enter to skip one.\n")
    for secret in _SECRETS:
        value = _read_environment(settings, secret.setting)
        if value:
            typer.echo(f"{secret.label}: {format_variable(secret.setting)} is used.")
            is_known, line = _check_value(settings, secret, value)
            typer.echo("" if is_known else "Change that variable.")
        else:
            value, line = _ask_secret(settings, secret)
            answers |= {secret.setting: value} if value else {}
        advice += [line] if line else []
    return answers, advice


def _ask_secret(settings: Settings, secret: _Secret) -> tuple[str, str]:
    """Ask until the service does not refuse the answer; return it, and what to advise."""
    typer.echo(secret.source)
    while True:
        prompt = typer.prompt(secret.label, default="", hide_input=True, show_default=False)
        value = str(prompt).strip()
        if not value:
            typer.echo(f"Skipped. Fill in {secret.setting} later.\n")
            return "", secret.unchecked_advice
        if not is_plain_secret(value):
            typer.echo("That isn't plain ASCII without spaces. Copy it again.")
            continue
        is_known, advice = _check_value(settings, secret, value)
        typer.echo("" if is_known else "Copy it again, or press Enter to skip it.")
        if is_known:
            return value, advice


def _check_value(settings: Settings, secret: _Secret, value: str) -> tuple[bool, str]:
    """Print what the service says; return whether it may know the secret, and what to advise."""
    try:
        found = asyncio.run(_check_in_time(settings, secret, value))
    except _SecretRefused as refused:
        typer.echo(f"{refused}")
        return False, secret.unchecked_advice
    typer.echo(found.detail)
    return True, found.advice


async def _check_in_time(settings: Settings, secret: _Secret, value: str) -> _Check:
    """Check a secret; say what could not be checked, and raise `_SecretRefused`."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await secret.check(settings, SecretStr(value))
    except TimeoutError:
        reason = f"{secret.service} doesn't answer within {_CHECK_SECONDS:g} s."
    except ExpanseError as error:
        detail = get_detail(error, "")
        reason = f"{secret.service}: {detail}." if detail else str(error)
    return _Check(
        f"Not checked. {reason}\nIt is saved as it is; expanse doctor checks it later.",
        secret.unchecked_advice,
    )


async def _check_token(settings: Settings, token: SecretStr) -> _Check:
    try:
        account = await fetch_account(settings.discord.model_copy(update={"token": token}))
    except TokenRefused:
        raise _SecretRefused("Discord refuses this token.") from None
    link = f"Invite the bot to a server: {account.invite_link}"
    return _Check(f"Discord accepts the token of {account.name}.", link)


async def _check_api_key(settings: Settings, key: SecretStr) -> _Check:
    runware = settings.runware.model_copy(update={"api_key": key})
    changed = settings.model_copy(update={"runware": runware})
    async with open_provider(changed) as provider:
        checks = build_provider_checks(changed, provider.client, provider.catalog)
        try:
            await checks.check_key()
        except ProviderAuth as error:
            raise _SecretRefused(f"Runware refuses this key ({error.code}).") from None
        try:
            balance = describe_reading(await checks.check_balance())
        except ExpanseError:
            # a key may be good for pictures and not for the account
            return _Check("Runware accepts the key; the balance could not be read.")
    return _Check(f"Runware accepts the key: {balance}")


def _read_environment(settings: Settings, setting: str) -> str:
    section, name = setting.split(".")
    secret: SecretStr = getattr(getattr(settings, section), name)
    return secret.get_secret_value()


_SECRETS: Final = (
    _Secret(
        "discord.token",
        "Discord token",
        "Discord: https://discord.com/developers/applications, your application, Bot, Reset Token",
        "Discord",
        _check_token,
        _NOT_INVITED,
    ),
    _Secret(
        "runware.api_key",
        "Runware API key",
        "Runware: https://my.runware.ai, API Keys, Create Key",
        "Runware",
        _check_api_key,
    ),
)
