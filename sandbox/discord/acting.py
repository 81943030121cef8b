"""Any actor's method over HTTP: {"as": member, "do": method} and its parameters by name.

It is the seeded guild's unless "guild" names another by its id.
"""

import base64
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from sandbox.discord import snowflakes
from sandbox.discord.actors import MemberActor
from sandbox.discord.calls import Call
from sandbox.discord.errors import (
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    DiscordError,
    invalid,
)
from sandbox.discord.guild_actor import GuildActor
from sandbox.discord.models import CallbackType, Json, Upload

if TYPE_CHECKING:
    from sandbox.discord.state import State

Parameter = inspect.Parameter
_ALIASES = {"message": "say"}
_MESSAGES = frozenset({"message", "target"})
_CUSTOM_IDS = frozenset({"custom_id", "button", "menu"})
# What the actor is for in Python alone: to look members up and to wait.
_NOT_ACTS = frozenset({"member", "channel_id", "id", "name"})


def acts(actor: type) -> Iterator[tuple[str, inspect.Signature]]:
    """Go through what an actor can do, by name."""
    for name, function in inspect.getmembers(actor, inspect.isfunction):
        if not name.startswith("_") and name not in _NOT_ACTS:
            yield name, inspect.signature(function)


_BY_MEMBERS, _BY_GUILD = dict(acts(MemberActor)), dict(acts(GuildActor))


class Acting:
    """Find the actor and its method, read the parameters, and tell what came of it."""

    def __init__(self, state: "State", guild: GuildActor) -> None:
        self._state = state
        self._guild = guild

    def described(self) -> Json:
        """Return what may be done, with the names of the parameters."""
        return {
            "members": {name: list(known.parameters)[1:] for name, known in _BY_MEMBERS.items()},
            "guild": {name: list(known.parameters)[1:] for name, known in _BY_GUILD.items()},
        }

    async def act(self, asked: Json) -> Json:
        """Do it; raise DiscordError for what no member could do, or for wrong parameters."""
        if "guild" in asked:
            within = self._within(asked["guild"])
            return await within.act({name: asked[name] for name in asked if name != "guild"})
        asked_for = str(asked.get("do"))
        name = _ALIASES.get(asked_for, asked_for)
        if asked.get("as") is None and name in _BY_GUILD:
            actor: GuildActor | MemberActor = self._guild
            known = _BY_GUILD[name]
        else:
            actor = self.member(asked.get("as"))
            if name not in _BY_MEMBERS:
                named = ", ".join(_BY_MEMBERS)
                raise invalid(("do",), "BASE_TYPE_CHOICES", f"Value must be one of ({named}).")
            known = _BY_MEMBERS[name]
        args, named_args = self._arguments(known, asked)
        result = getattr(actor, name)(*args, **named_args)
        return self._told(await result if inspect.isawaitable(result) else result)

    def _within(self, number: Any) -> "Acting":
        guild = self._state.world.guilds.get(snowflakes.parse(number) or 0)
        if guild is None:
            raise DiscordError(UNKNOWN_GUILD)
        return Acting(self._state, GuildActor(self._state, guild.id))

    def member(self, name: Any) -> MemberActor:
        try:
            return self._guild.member(str(name))
        except LookupError as error:
            raise DiscordError(UNKNOWN_MEMBER) from error

    def channel(self, name: Any) -> str | None:
        try:
            return None if name is None else str(self._guild.channel_id(str(name)))
        except LookupError as error:
            raise DiscordError(UNKNOWN_CHANNEL) from error

    def _arguments(self, known: inspect.Signature, asked: Json) -> tuple[list[Any], dict[str, Any]]:
        args: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in list(known.parameters.values())[1:]:
            name = parameter.name
            if parameter.kind is Parameter.VAR_KEYWORD:
                named |= _mapping(name, asked.get(name))
            elif parameter.kind is Parameter.VAR_POSITIONAL:
                args += _typed(list[Any], name, _files(name, asked.get(name, [])))
            elif (value := self._value(parameter, asked)) is Parameter.empty:
                if parameter.default is Parameter.empty:
                    raise invalid((name,), "BASE_TYPE_REQUIRED", "This field is required")
            elif parameter.kind is Parameter.KEYWORD_ONLY:
                named[name] = value
            else:
                args.append(value)
        return args, named

    def _value(self, parameter: Parameter, asked: Json) -> Any:
        """Read one parameter, empty if it is not given; what has an id comes by it."""
        name = parameter.name
        if name == "channel":
            return self.channel(asked.get(name))
        if name == "options":
            return _mapping(name, asked.get(name))
        if name == "modal" and "interaction_id" in asked:
            return self._modal(asked["interaction_id"])
        if name in _MESSAGES and "message_id" in asked:
            return self._message(asked["message_id"])
        if name in _CUSTOM_IDS and "custom_id" in asked:
            name = "custom_id"
        if name not in asked:
            return parameter.default
        return _typed(parameter.annotation, name, _files(name, asked[name]))

    def _modal(self, number: Any) -> Json:
        """Return the modal that an interaction was answered with, as its member sees it."""
        interaction = self._state.interactions.get(snowflakes.parse(number))
        if interaction.callback is not CallbackType.MODAL:
            raise invalid(("interaction_id",), "BASE_TYPE_CHOICES", "Not answered by a modal")
        own = {"id": str(interaction.id), "channel_id": str(interaction.channel_id)}
        return (interaction.callback_data or {}) | own

    def _message(self, number: Any) -> Json:
        message = self._state.messages.find(snowflakes.parse(number))
        if message is None:
            raise invalid(("message_id",), "BASE_TYPE_CHOICES", "Unknown message")
        return self._state.payloads.message(message)

    def _told(self, result: Any) -> Json:
        if isinstance(result, Call):
            return {"interaction_id": str(result.id)}
        if isinstance(result, list):
            return {"messages": result}
        if isinstance(result, dict) and "id" in result:
            return {"message_id": result["id"]}
        return {}


def _typed(wanted: Any, name: str, value: Any) -> Any:
    """Hold a value against its parameter's type; a name of a type says nothing here."""
    if isinstance(wanted, str):
        return value
    try:
        return TypeAdapter(wanted).validate_python(value)
    except ValidationError as error:
        raise invalid((name,), "BASE_TYPE_BAD", f"{error.errors()[0]['msg']}.") from error


def _mapping(name: str, given: Any) -> dict[str, Any]:
    if not isinstance(given or {}, dict):
        raise invalid((name,), "MODEL_TYPE_CONVERT", "Only dictionaries may be used here")
    return {key: _files(key, value) for key, value in (given or {}).items()}


def _files(name: str, value: Any) -> Any:
    """Read files, {"filename", "data": base64}, wherever they are within a value."""
    if isinstance(value, list):
        return [_files(name, each) for each in value]
    if not isinstance(value, dict):
        return value
    if not value.keys() & {"filename", "data"}:
        return {key: _files(name, each) for key, each in value.items()}
    try:
        data = base64.b64decode(str(value["data"]), validate=True)
        return Upload(str(value["filename"]), data)
    except (KeyError, ValueError) as error:
        message = "A file is {filename, data: base64}."
        raise invalid((name,), "BASE_TYPE_BAD", message) from error
