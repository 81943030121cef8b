"""What a member invokes: checked against the command or the message, and resolved for the bot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads_guild, snowflakes
from sandbox.discord.command_rules import CHAT, MAX_OPTIONS, MESSAGE
from sandbox.discord.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    TOO_LARGE,
    UNKNOWN_MESSAGE,
    DiscordError,
    invalid,
)
from sandbox.discord.forms import Field, Form
from sandbox.discord.models import InteractionType, Json, Upload
from sandbox.discord.option_values import OptionKind, check_value
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.state import State


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a client sends: `data` in its shape, `uploads` by temporary attachment id."""

    user_id: int
    channel_id: int
    data: Json
    type: InteractionType = InteractionType.COMMAND
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    nonce: str | None = None
    message_id: int | None = None


def prepare(state: "State", invocation: Invocation) -> Json:
    """Return the interaction's `data` with all that it names resolved, or raise DiscordError."""
    if not state.sees(invocation.user_id, state.channel(invocation.channel_id).id):
        raise DiscordError(MISSING_ACCESS)
    if invocation.type in {InteractionType.COMMAND, InteractionType.AUTOCOMPLETE}:
        return _Command(state, invocation).prepare()
    if invocation.type is InteractionType.COMPONENT:
        return _component(state, invocation)
    return invocation.data


def _component(state: "State", invocation: Invocation) -> Json:
    message = state.messages.find(invocation.message_id)
    if message is None or message.channel_id != invocation.channel_id:
        raise DiscordError(UNKNOWN_MESSAGE)
    if message.audience is not None and invocation.user_id not in message.audience:
        raise DiscordError(UNKNOWN_MESSAGE)
    custom_id = invocation.data.get("custom_id")
    found = _find(message.content.components, custom_id)
    if found is None or found.get("disabled"):
        raise invalid(("data", "custom_id"), "COMPONENT_VALIDATION_FAILED", "Not on this message")
    data = {"component_type": found["type"], "custom_id": custom_id, "id": found["id"]}
    if found["type"] == 2:
        return data
    values = invocation.data.get("values")
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise invalid(("data", "values"), "LIST_TYPE_CONVERT", "Must be a list of strings")
    return data | {"values": values}


def _find(components: Any, custom_id: object) -> Json | None:
    for component in components:
        if custom_id is not None and component.get("custom_id") == custom_id:
            return dict(component)
        children = [*component.get("components", ()), component.get("accessory")]
        found = _find([child for child in children if child], custom_id)
        if found is not None:
            return found
    return None


class _Command:
    """One command's data, on its way to the bot."""

    def __init__(self, state: "State", invocation: Invocation) -> None:
        self._state = state
        self._invocation = invocation
        self._form = Form()
        self._files: dict[str, Upload] = {}
        self._resolved: dict[str, Json] = {}
        self._partial = invocation.type is InteractionType.AUTOCOMPLETE

    def prepare(self) -> Json:
        raw = self._invocation.data
        name, kind = raw.get("name"), raw.get("type", CHAT)
        if not isinstance(name, str) or not isinstance(kind, int):
            raise invalid(("data", "name"), "BASE_TYPE_REQUIRED", "This field is required")
        command = self._state.commands.find(name, kind)
        self._permit(command)
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
            self._store_files(data)
        return data | ({"resolved": self._resolved} if self._resolved else {})

    def _permit(self, command: Json) -> None:
        invocation = self._invocation
        granted = self._state.permissions(invocation.user_id, invocation.channel_id)
        needed = command["default_member_permissions"]
        wanted = Permission.USE_APPLICATION_COMMANDS | int(needed or 0)
        nobody = needed == "0" and not granted & Permission.ADMINISTRATOR
        if nobody or granted & wanted != wanted:
            raise DiscordError(MISSING_PERMISSIONS)

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
        elif kind in OptionKind.references():
            self._resolve(value, kind)
        return checked | {"value": value.raw}

    def _resolve(self, raw: Field, kind: OptionKind) -> None:
        guild, value = self._state.world.guild, str(raw.raw)
        number = snowflakes.parse(value) or 0
        wants = {
            OptionKind.ATTACHMENT: value in self._invocation.uploads,
            OptionKind.USER: number in guild.members,
            OptionKind.MENTIONABLE: number in guild.members or number in guild.roles,
            OptionKind.ROLE: number in guild.roles,
            OptionKind.CHANNEL: number in guild.channels,
        }
        if not wants[kind]:
            raw.fail("BASE_TYPE_CHOICES", f"Unknown {kind.name.lower()}")
        elif kind is OptionKind.ATTACHMENT:
            self._files[value] = self._invocation.uploads[value]
        elif kind is OptionKind.CHANNEL:
            granted = self._state.permissions(self._invocation.user_id, number)
            channel = payloads_guild.channel(guild.channels[number])
            self._add("channels", {value: channel | {"permissions": str(granted)}})
        elif number in guild.roles:
            self._add("roles", {value: payloads_guild.role(guild.roles[number])})
        else:
            self._add_user(number)

    def _add_user(self, user_id: int) -> None:
        member = self._state.world.guild.members[user_id]
        granted = str(self._state.permissions(user_id, self._invocation.channel_id))
        self._add("users", {str(user_id): self._state.payloads.user(member.user)})
        bare = self._state.payloads.bare_member(member) | {"permissions": granted}
        self._add("members", {str(user_id): bare})

    def _add(self, kind: str, resolved: Json) -> None:
        self._resolved.setdefault(kind, {}).update(resolved)

    def _target(self, kind: int, raw: Any) -> str:
        target_id = snowflakes.parse(raw)
        if kind == MESSAGE:
            message = self._state.messages.get(self._invocation.channel_id, target_id)
            self._add("messages", {str(message.id): self._state.payloads.message(message)})
            return str(message.id)
        if target_id not in self._state.world.guild.members:
            raise invalid(("data", "target_id"), "BASE_TYPE_CHOICES", "Unknown user")
        self._add_user(target_id)
        return str(target_id)

    def _store_files(self, data: Json) -> None:
        """Give each file its real id once everything else is known to be right."""
        limit = self._state.world.attachment_limit
        if any(len(upload.data) > limit for upload in self._files.values()):
            raise DiscordError(TOO_LARGE)
        real: dict[str, str] = {}
        for temporary, upload in self._files.items():
            made = self._state.files.make(upload, self._invocation.channel_id, ephemeral=True)
            attachment = self._state.files.keep(made)
            real[temporary] = str(attachment.id)
            payload = self._state.payloads.attachment(attachment)
            self._add("attachments", {real[temporary]: payload})
        _rename(data.get("options", []), real)


def _rename(options: list[Json], real: dict[str, str]) -> None:
    for option in options:
        if option["type"] == OptionKind.ATTACHMENT:
            option["value"] = real[option["value"]]
        _rename(option.get("options", []), real)
