"""What a member invokes: checked against the command or the message, and resolved for the bot."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.discord import snowflakes
from sandbox.discord.command_rules import CHAT, MAX_OPTIONS, MESSAGE
from sandbox.discord.errors import (
    UNKNOWN_COMMAND,
    UNKNOWN_MESSAGE,
    DiscordError,
    invalid,
)
from sandbox.discord.forms import Field, Form
from sandbox.discord.models import Channel, InteractionType, Json, Message, Upload
from sandbox.discord.option_values import OptionKind, check_value
from sandbox.discord.resolving import Resolver

if TYPE_CHECKING:
    from sandbox.discord.state import State


class Invocation(NamedTuple):
    """What a client sends: `data` in its shape, `uploads` by temporary attachment id.

    `forged` is for attacks in tests: a press of a component that is not on the message.
    """

    user_id: int
    channel_id: int
    data: Json
    type: InteractionType = InteractionType.COMMAND
    uploads: Mapping[str, Upload] = MappingProxyType({})
    nonce: str | None = None
    message_id: int | None = None
    forged: bool = False


class Prepared(NamedTuple):
    """What reaches the bot: the checked data, by whose installation, and what led to it."""

    data: Json
    owners: dict[str, str]
    message_id: int | None = None
    source_id: int | None = None


def prepare(state: "State", invocation: Invocation) -> Prepared:
    """Check a command and resolve all that it names, or raise DiscordError."""
    command = _Command(state, invocation)
    data = command.prepare()
    return Prepared(data, command.owners)


def owners(state: "State", invocation: Invocation, command: Json) -> dict[str, str]:
    """Return by whose installation a command is there, or raise 10063 when by nobody's."""
    guild = state.guild_of(invocation.channel_id)
    found = {}
    if 0 in command["integration_types"]:
        if guild is not None and state.world.bot.id in guild.members:
            found["0"] = str(guild.id)
        elif guild is None and state.sees(state.world.bot.id, invocation.channel_id):
            found["0"] = "0"
    if 1 in command["integration_types"] and invocation.user_id in state.world.installed_by:
        found["1"] = str(invocation.user_id)
    if not found:
        raise DiscordError(UNKNOWN_COMMAND)
    return found


def context_of(state: "State", channel: Channel) -> int:
    """Return Discord's number of a place: 0 a guild, 1 a DM with the bot, 2 any other DM."""
    if channel.guild_id is not None:
        return 0
    return 1 if state.world.bot.id in channel.members else 2


def _offered(command: Json, channel: Channel, *, context: int) -> bool:
    """Tell whether a client lists a command in a channel, by its contexts and its age limit."""
    contexts = command["contexts"]
    if contexts is None:
        contexts = [0, 1, 2] if command["dm_permission"] else [0]
    if command["nsfw"] and not (channel.nsfw or context):
        return False
    return context in contexts


class _Command:
    """One command's data, on its way to the bot."""

    def __init__(self, state: "State", invocation: Invocation) -> None:
        self.owners: dict[str, str] = {}
        self._state = state
        self._invocation = invocation
        self._channel = state.channel(invocation.channel_id)
        self._guild = state.guild_of(invocation.channel_id)
        self._form = Form()
        self._resolver = Resolver(state, invocation)
        self._partial = invocation.type is InteractionType.AUTOCOMPLETE

    def prepare(self) -> Json:
        raw = self._invocation.data
        name, kind = raw.get("name"), raw.get("type", CHAT)
        if not isinstance(name, str) or not isinstance(kind, int):
            raise invalid(("data", "name"), "BASE_TYPE_REQUIRED", "This field is required")
        guild_id = self._channel.guild_id
        command = self._state.commands.find(name, kind, guild_id=guild_id)
        self._permit(command)
        self.owners = owners(self._state, self._invocation, command)
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if kind == CHAT:
            given = self._form.field(raw.get("options"), "data", "options")
            data["options"] = self._options(given, command["options"])
        else:
            data["target_id"] = self._target(kind, raw.get("target_id"))
        self._form.check()
        if not self._partial:
            _rename(data.get("options", []), self._resolver.store_files())
        return data | self._resolver.result()

    def _permit(self, command: Json) -> None:
        """Refuse what a client would not offer here, and what the guild's settings withhold."""
        invocation, channel = self._invocation, self._channel
        if not _offered(command, channel, context=context_of(self._state, channel)):
            raise DiscordError(UNKNOWN_COMMAND)
        if self._guild is not None:
            self._state.command_permissions.require(
                command, self._guild, user_id=invocation.user_id, channel=channel
            )

    def _options(self, given: Field, known: list[Json]) -> list[Json]:
        by_name = {option["name"]: option for option in known}
        options = []
        for each in given.each(0, MAX_OPTIONS) if given.raw is not None else ():
            option = by_name.get(str(each["name"].raw))
            if option is None:
                each["name"].fail("BASE_TYPE_CHOICES", "Unknown option")
            else:
                options.append(self._option(each, option))
        names = {option["name"] for option in options}
        for option in known:
            if option.get("required") and option["name"] not in names and not self._partial:
                message = f"This field is required: {option['name']}"
                given.fail("BASE_TYPE_REQUIRED", message)
        if known and OptionKind(known[0]["type"]).nests and len(options) != 1:
            given.fail("BASE_TYPE_REQUIRED", "A subcommand is required")
        return options

    def _option(self, given: Field, option: Json) -> Json:
        kind = OptionKind(option["type"])
        checked = {"name": option["name"], "type": int(kind)}
        if kind.nests:
            return checked | {"options": self._options(given["options"], option["options"])}
        value = given["value"]
        if self._partial and given["focused"].raw:
            return checked | {"value": value.raw, "focused": True}
        problem = check_value(option, value.raw)
        if problem is not None:
            value.fail(*problem)
        elif kind.refers:
            self._refer(value, kind)
        return checked | {"value": value.raw}

    def _refer(self, value: Field, kind: OptionKind) -> None:
        if not self._resolver.take(kind, value.raw):
            value.fail("BASE_TYPE_CHOICES", f"Unknown {kind.name.lower()}")

    def _target(self, kind: int, raw: Any) -> str:
        target_id = snowflakes.parse(raw)
        if kind == MESSAGE:
            message = self._state.messages.find(target_id)
            if message is None or not self._sees(message):
                raise DiscordError(UNKNOWN_MESSAGE)
            self._resolver.message(message)
            return str(message.id)
        members = self._state.world.people if self._guild is None else self._guild.members
        if target_id is None or target_id not in members:
            raise invalid(("data", "target_id"), "BASE_TYPE_CHOICES", "Unknown user")
        self._resolver.user(target_id)
        return str(target_id)

    def _sees(self, message: Message) -> bool:
        """Tell whether the member has the message before them; a note of theirs counts too."""
        here = message.channel_id == self._invocation.channel_id
        return here and (message.audience is None or self._invocation.user_id in message.audience)


def _rename(options: list[Json], real: dict[str, str]) -> None:
    for option in options:
        if option["type"] == OptionKind.ATTACHMENT:
            option["value"] = real[option["value"]]
        _rename(option.get("options", []), real)
