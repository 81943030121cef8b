"""How commands and their options are named and described, in each member's language.

The words stand at the command: `describe_command` for the command itself, an `Option` for each
option of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from discord import app_commands
from discord.app_commands import locale_str

from bot.ui.i18n.translations import NAME_CONTEXT

_F = TypeVar("_F")


def mark_name(message: str) -> locale_str:
    """Mark the name of a command, an option or a choice."""
    return locale_str(message, kind=NAME_CONTEXT)


def describe_command(name: str, description: str) -> dict[str, Any]:
    """Return the arguments that name and describe a command or a group."""
    return {"name": mark_name(name), "description": locale_str(description)}


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command as members read it; decorates the callback that takes it."""

    name: str
    description: str

    @property
    def parameter(self) -> str:
        """The parameter of the callback that takes the option."""
        return self.name.replace("-", "_")

    def __call__(self, callback: _F) -> _F:
        renamed: dict[str, Any] = {self.parameter: mark_name(self.name)}
        described: dict[str, Any] = {self.parameter: locale_str(self.description)}
        return app_commands.describe(**described)(app_commands.rename(**renamed)(callback))


def set_parameters(callback: Any, parameters: Iterable[inspect.Parameter]) -> None:
    """Give a callback of `**values` the signature that discord.py reads a command's options from.

    The interaction comes first; the command adds its cog.
    """
    keyword = inspect.Parameter.KEYWORD_ONLY
    callback.__signature__ = inspect.Signature([each.replace(kind=keyword) for each in parameters])
