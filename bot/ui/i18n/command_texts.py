"""Translatable names and descriptions of commands (`create_command`) and their `Option`s."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from discord import app_commands
from discord.app_commands import locale_str

from bot.ui.i18n.translations import NAME_CONTEXT

_F = TypeVar("_F")


def mark_name(message: str) -> locale_str:
    """Mark the name of a command, option or choice for translation."""
    return locale_str(message, kind=NAME_CONTEXT)


def describe_command(name: str, description: str) -> dict[str, Any]:
    """Return the arguments that name and describe a command or a group."""
    return {"name": mark_name(name), "description": locale_str(description)}


def create_command(
    name: str, description: str, parent: app_commands.Group | None = None
) -> Callable[[Callable[..., Coroutine[Any, Any, None]]], app_commands.Command[Any, ..., None]]:
    """Return a decorator that turns a callback into a command, in a group if given."""
    create: Any = app_commands.command if parent is None else parent.command
    decorate: Any = create(**describe_command(name, description))
    return decorate  # type: ignore[no-any-return] # the callback's parameters are its options


@dataclass(frozen=True, slots=True)
class Option:
    """Name and description of a command option; decorates the callback that takes it."""

    name: str
    description: str

    @property
    def parameter(self) -> str:
        """The parameter of the callback that takes the option."""
        return self.name.replace("-", "_")

    def build_parameter(self, kind: Any, default: Any) -> inspect.Parameter:
        """Return the callback's parameter; the option is required if `default` is empty."""
        keyword = inspect.Parameter.KEYWORD_ONLY
        return inspect.Parameter(self.parameter, keyword, default=default, annotation=kind)

    def __call__(self, callback: _F) -> _F:
        renamed: dict[str, Any] = {self.parameter: mark_name(self.name)}
        described: dict[str, Any] = {self.parameter: locale_str(self.description)}
        return app_commands.describe(**described)(app_commands.rename(**renamed)(callback))


def set_options(callback: Any, options: Iterable[inspect.Parameter]) -> None:
    """Set a `**values` callback's signature, from which discord.py reads a command's options."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("interaction", keyword)]
    parameters += [each.replace(kind=keyword) for each in options]
    callback.__signature__ = inspect.Signature(parameters)
