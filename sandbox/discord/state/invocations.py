"""Invocations by members, validated against the command and resolved for the bot."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import (
    UNKNOWN_COMMAND,
    UNKNOWN_MESSAGE,
    DiscordError,
    build_field_error,
)
from sandbox.discord.model.records import Channel, InteractionType, Json, Message, Upload
from sandbox.discord.state.resolved_data import Resolver
from sandbox.discord.validation.commands import CHAT, MAX_OPTIONS, MESSAGE
from sandbox.discord.validation.forms import Form, FormField
from sandbox.discord.validation.option_values import OptionKind, check_value

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class Invocation(NamedTuple):
    """A client's invocation: `data` as sent, `uploads` by temporary attachment id.

    `forged` is for attacks in tests, which Discord would refuse: a command that the member may
    not use, a click on a component that is not on the message.
    """

    user_id: int
    channel_id: int
    data: Json
    type: InteractionType = InteractionType.COMMAND
    uploads: Mapping[str, Upload] = MappingProxyType({})
    nonce: str | None = None
    message_id: int | None = None
    forged: bool = False


class PreparedInvocation(NamedTuple):
    """What the bot gets: validated data, the installation's owners, and the source."""

    data: Json
    owners: dict[str, str]
    message_id: int | None = None
    source_id: int | None = None


def prepare_command(state: "State", invocation: Invocation) -> PreparedInvocation:
    """Validate a command and resolve what it references; raise DiscordError if invalid."""
    command = _CommandCheck(state, invocation)
    data = command.run()
    return PreparedInvocation(data, command.owners)


def find_owners(state: "State", invocation: Invocation, command: Json) -> dict[str, str]:
    """Return whose installations offer a command; raise 10063 if none does."""
    guild = state.find_guild(invocation.channel_id)
    found = {}
    if 0 in command["integration_types"]:
        if guild is not None and state.world.bot.id in guild.members:
            found["0"] = str(guild.id)
        elif guild is None and state.can_see(state.world.bot.id, invocation.channel_id):
            found["0"] = "0"
    if 1 in command["integration_types"] and invocation.user_id in state.world.installed_by:
        found["1"] = str(invocation.user_id)
    if not found:
        raise DiscordError(UNKNOWN_COMMAND)
    return found


def get_context(state: "State", channel: Channel) -> int:
    """Return Discord's context type: 0 guild, 1 DM with the bot, 2 other DM."""
    if channel.guild_id is not None:
        return 0
    return 1 if state.world.bot.id in channel.members else 2


def _is_offered(command: Json, channel: Channel, *, context: int) -> bool:
    """Tell whether a client lists a command in a channel or a thread's channel."""
    contexts = command["contexts"]
    if contexts is None:
        contexts = [0, 1, 2] if command["dm_permission"] else [0]
    if command["nsfw"] and not (channel.nsfw or context):
        return False
    return context in contexts


class _CommandCheck:
    def __init__(self, state: "State", invocation: Invocation) -> None:
        self.owners: dict[str, str] = {}
        self._state = state
        self._invocation = invocation
        self._channel = state.get_channel(invocation.channel_id)
        self._guild = state.find_guild(invocation.channel_id)
        self._form = Form()
        self._resolver = Resolver(state, invocation)
        self._partial = invocation.type is InteractionType.AUTOCOMPLETE

    def run(self) -> Json:
        raw = self._invocation.data
        name, kind = raw.get("name"), raw.get("type", CHAT)
        if not isinstance(name, str) or not isinstance(kind, int):
            raise build_field_error(
                ("data", "name"), "BASE_TYPE_REQUIRED", "This field is required"
            )
        guild_id = self._channel.guild_id
        command = self._state.commands.find(name, kind, guild_id=guild_id)
        self._check_allowed(command)
        self.owners = find_owners(self._state, self._invocation, command)
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if kind == CHAT:
            given = self._form.field(raw.get("options"), "data", "options")
            data["options"] = self._check_options(given, command["options"])
        else:
            data["target_id"] = self._check_target(kind, raw.get("target_id"))
        self._form.raise_errors()
        if not self._partial:
            _rename_options(data.get("options", []), self._resolver.store_files())
        return data | self._resolver.build_result()

    def _check_allowed(self, command: Json) -> None:
        """Refuse what clients don't offer here, and what the guild's settings deny."""
        invocation, channel = self._invocation, self._channel
        if invocation.forged:
            return
        parent = self._state.get_parent(channel)
        if not _is_offered(command, parent, context=get_context(self._state, channel)):
            raise DiscordError(UNKNOWN_COMMAND)
        if self._guild is not None:
            self._state.command_permissions.require_allowed(
                command, self._guild, user_id=invocation.user_id, channel=channel
            )

    def _check_options(self, given: FormField, known: list[Json]) -> list[Json]:
        by_name = {option["name"]: option for option in known}
        options = []
        for each in given.read_list(0, MAX_OPTIONS) if given.raw is not None else ():
            option = by_name.get(str(each["name"].raw))
            if option is None:
                each["name"].add_error("BASE_TYPE_CHOICES", "Unknown option")
            else:
                options.append(self._check_option(each, option))
        names = {option["name"] for option in options}
        for option in known:
            if option.get("required") and option["name"] not in names and not self._partial:
                message = f"This field is required: {option['name']}"
                given.add_error("BASE_TYPE_REQUIRED", message)
        if known and OptionKind(known[0]["type"]).has_options and len(options) != 1:
            given.add_error("BASE_TYPE_REQUIRED", "A subcommand is required")
        return options

    def _check_option(self, given: FormField, option: Json) -> Json:
        kind = OptionKind(option["type"])
        checked = {"name": option["name"], "type": int(kind)}
        if kind.has_options:
            return checked | {"options": self._check_options(given["options"], option["options"])}
        value = given["value"]
        if self._partial and given["focused"].raw:
            return checked | {"value": value.raw, "focused": True}
        problem = check_value(option, value.raw)
        if problem is not None:
            value.add_error(*problem)
        elif kind.is_reference:
            self._check_reference(value, option)
        return checked | {"value": value.raw}

    def _check_reference(self, value: FormField, option: Json) -> None:
        kind, types = OptionKind(option["type"]), option.get("channel_types", ())
        if not self._resolver.resolve_value(kind, value.raw, types):
            value.add_error("BASE_TYPE_CHOICES", f"Unknown {kind.name.lower()}")

    def _check_target(self, kind: int, raw: Any) -> str:
        target_id = snowflakes.parse_snowflake(raw)
        if kind == MESSAGE:
            message = self._state.messages.find(target_id)
            if message is None or not self._can_see(message):
                raise DiscordError(UNKNOWN_MESSAGE)
            self._resolver.add_message(message)
            return str(message.id)
        members = self._state.world.people if self._guild is None else self._guild.members
        if target_id is None or target_id not in members:
            raise build_field_error(("data", "target_id"), "BASE_TYPE_CHOICES", "Unknown user")
        self._resolver.add_user(target_id)
        return str(target_id)

    def _can_see(self, message: Message) -> bool:
        """Tell whether the member can see the message, their own ephemeral ones included."""
        is_same_channel = message.channel_id == self._invocation.channel_id
        return is_same_channel and (
            message.audience is None or self._invocation.user_id in message.audience
        )


def _rename_options(options: list[Json], real: dict[str, str]) -> None:
    for option in options:
        if option["type"] == OptionKind.ATTACHMENT:
            option["value"] = real[option["value"]]
        _rename_options(option.get("options", []), real)
