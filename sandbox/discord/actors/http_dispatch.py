"""Actors over HTTP: {"as": member, "do": method, ...parameters}, in the seeded guild or "guild"."""

import base64
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import (
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    DiscordError,
    build_field_error,
)
from sandbox.discord.model.records import CallbackType, Json, Upload

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

Parameter = inspect.Parameter
_ALIASES = {"message": "say"}
_MESSAGES = frozenset({"message", "target"})
_CUSTOM_IDS = frozenset({"custom_id", "button", "menu"})
# Useful only in Python: to find members and to wait.
_NOT_ACTIONS = frozenset({"member", "channel_id", "id", "name"})


def list_actions(actor: type) -> Iterator[tuple[str, inspect.Signature]]:
    """Iterate over an actor's action methods, by name."""
    for name, function in inspect.getmembers(actor, inspect.isfunction):
        if not name.startswith("_") and name not in _NOT_ACTIONS:
            yield name, inspect.signature(function)


_BY_MEMBERS, _BY_GUILD = dict(list_actions(MemberActor)), dict(list_actions(GuildActor))


class ActorDispatcher:
    """Find the actor and method, parse the parameters, call it and describe the result."""

    def __init__(self, state: "State", guild: GuildActor) -> None:
        self._state = state
        self._guild = guild

    def describe_actions(self) -> Json:
        """Return all actions with the names of their parameters."""
        return {
            "members": {name: list(known.parameters)[1:] for name, known in _BY_MEMBERS.items()},
            "guild": {name: list(known.parameters)[1:] for name, known in _BY_GUILD.items()},
        }

    async def dispatch(self, request: Json) -> Json:
        """Run an action; raise DiscordError for an impossible action or wrong parameters."""
        if "guild" in request:
            dispatcher = self._build_for_guild(request["guild"])
            return await dispatcher.dispatch(
                {name: request[name] for name in request if name != "guild"}
            )
        action = str(request.get("do"))
        name = _ALIASES.get(action, action)
        if request.get("as") is None and name in _BY_GUILD:
            actor: GuildActor | MemberActor = self._guild
            known = _BY_GUILD[name]
        else:
            actor = self.get_member(request.get("as"))
            if name not in _BY_MEMBERS:
                known_names = ", ".join(_BY_MEMBERS)
                raise build_field_error(
                    ("do",), "BASE_TYPE_CHOICES", f"Value must be one of ({known_names})."
                )
            known = _BY_MEMBERS[name]
        args, named_args = self._read_arguments(known, request)
        result = getattr(actor, name)(*args, **named_args)
        return self._describe_result(await result if inspect.isawaitable(result) else result)

    def _build_for_guild(self, guild_id: Any) -> "ActorDispatcher":
        guild = self._state.world.guilds.get(snowflakes.parse_snowflake(guild_id) or 0)
        if guild is None:
            raise DiscordError(UNKNOWN_GUILD)
        return ActorDispatcher(self._state, GuildActor(self._state, guild.id))

    def get_member(self, name: Any) -> MemberActor:
        try:
            return self._guild.member(str(name))
        except LookupError as error:
            raise DiscordError(UNKNOWN_MEMBER) from error

    def find_channel_id(self, name: Any) -> str | None:
        try:
            return None if name is None else str(self._guild.channel_id(str(name)))
        except LookupError as error:
            raise DiscordError(UNKNOWN_CHANNEL) from error

    def _read_arguments(
        self, signature: inspect.Signature, request: Json
    ) -> tuple[list[Any], dict[str, Any]]:
        args: list[Any] = []
        keywords: dict[str, Any] = {}
        for parameter in list(signature.parameters.values())[1:]:
            name = parameter.name
            if parameter.kind is Parameter.VAR_KEYWORD:
                keywords |= _read_mapping(name, request.get(name))
            elif parameter.kind is Parameter.VAR_POSITIONAL:
                args += _validate_type(list[Any], name, _read_files(name, request.get(name, [])))
            elif (value := self._read_argument(parameter, request)) is Parameter.empty:
                if parameter.default is Parameter.empty:
                    raise build_field_error((name,), "BASE_TYPE_REQUIRED", "This field is required")
            elif parameter.kind is Parameter.KEYWORD_ONLY:
                keywords[name] = value
            else:
                args.append(value)
        return args, keywords

    def _read_argument(self, parameter: Parameter, request: Json) -> Any:
        """Parse one parameter, `Parameter.empty` if it is missing; messages, modals come by id."""
        name = parameter.name
        if name == "channel":
            return self.find_channel_id(request.get(name))
        if name == "options":
            return _read_mapping(name, request.get(name))
        if name == "modal" and "interaction_id" in request:
            return self._get_modal(request["interaction_id"])
        if name in _MESSAGES and "message_id" in request:
            return self._get_message(request["message_id"])
        if name in _CUSTOM_IDS and "custom_id" in request:
            name = "custom_id"
        if name not in request:
            return parameter.default
        return _validate_type(parameter.annotation, name, _read_files(name, request[name]))

    def _get_modal(self, interaction_id: Any) -> Json:
        """Return the modal that answered an interaction, as its member sees it."""
        interaction = self._state.interactions.get(snowflakes.parse_snowflake(interaction_id))
        if interaction.callback is not CallbackType.MODAL:
            raise build_field_error(
                ("interaction_id",), "BASE_TYPE_CHOICES", "Not answered by a modal"
            )
        own = {"id": str(interaction.id), "channel_id": str(interaction.channel_id)}
        return (interaction.callback_data or {}) | own

    def _get_message(self, message_id: Any) -> Json:
        message = self._state.messages.find(snowflakes.parse_snowflake(message_id))
        if message is None:
            raise build_field_error(("message_id",), "BASE_TYPE_CHOICES", "Unknown message")
        return self._state.payloads.build_message(message)

    def _describe_result(self, result: Any) -> Json:
        if isinstance(result, TrackedInvocation):
            return {"interaction_id": str(result.id)}
        if isinstance(result, list):
            return {"messages": result}
        if isinstance(result, dict) and "id" in result:
            return {"message_id": result["id"]}
        return {}


def _validate_type(annotation: Any, name: str, value: Any) -> Any:
    """Validate a value by its parameter's type; a type given as a string is not checked."""
    if isinstance(annotation, str):
        return value
    try:
        return TypeAdapter(annotation).validate_python(value)
    except ValidationError as error:
        raise build_field_error((name,), "BASE_TYPE_BAD", f"{error.errors()[0]['msg']}.") from error


def _read_mapping(name: str, given: Any) -> dict[str, Any]:
    if not isinstance(given or {}, dict):
        raise build_field_error((name,), "MODEL_TYPE_CONVERT", "Only dictionaries may be used here")
    return {key: _read_files(key, value) for key, value in (given or {}).items()}


def _read_files(name: str, value: Any) -> Any:
    """Decode files, {"filename", "data": base64, "spoiler"?}, anywhere within a value."""
    if isinstance(value, list):
        return [_read_files(name, each) for each in value]
    if not isinstance(value, dict):
        return value
    if not value.keys() & {"filename", "data"}:
        return {key: _read_files(name, each) for key, each in value.items()}
    try:
        data = base64.b64decode(str(value["data"]), validate=True)
        return Upload(str(value["filename"]), data, spoiler=value.get("spoiler") is True)
    except (KeyError, ValueError) as error:
        message = "A file is {filename, data: base64}."
        raise build_field_error((name,), "BASE_TYPE_BAD", message) from error
