"""Scripted members: they invoke, press and write as a person's client would."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.discord.bodies import Body
from sandbox.discord.calls import Call
from sandbox.discord.errors import UNKNOWN_COMMAND, DiscordError
from sandbox.discord.invocations import Invocation
from sandbox.discord.messages import Draft
from sandbox.discord.models import NO_FLAGS, InteractionType, Json, Member, Upload
from sandbox.discord.option_values import OptionKind
from sandbox.discord.permissions import Permission
from sandbox.discord.rules import Composer

if TYPE_CHECKING:
    from sandbox.discord.state import State


class GuildActor:
    """The guild, as tests see it: members by name, channels by name."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def member(self, name: str) -> "MemberActor":
        """Return the member of a user name or id; LookupError when there is none."""
        for member in self._state.world.guild.members.values():
            if name in {member.user.username, str(member.user.id)}:
                return MemberActor(self._state, member)
        raise LookupError(f"no member {name!r}")

    def channel_id(self, name: str | None = None) -> int:
        """Return the id of a channel by name or id; the default channel for None."""
        if name is None:
            return self._state.world.default_channel_id
        for channel in self._state.world.guild.channels.values():
            if name in {channel.name, str(channel.id)}:
                return channel.id
        raise LookupError(f"no channel {name!r}")

    def messages(self, channel: str | None = None) -> list[Json]:
        """Return every message of a channel, ephemeral ones too, oldest first."""
        newest = self._state.messages.newest_first(self.channel_id(channel))
        return [self._state.payloads.message(message) for message in newest][::-1]


class MemberActor:
    """One member's hands."""

    def __init__(self, state: "State", member: Member) -> None:
        self._state = state
        self._guild = GuildActor(state)
        self.id = member.user.id
        self.name = member.user.username

    async def slash(self, command: str, /, *, channel: str | None = None, **options: Any) -> "Call":
        """Invoke a slash command ("group sub" for a subcommand); DiscordError if refused.

        An attachment option takes a Path or an Upload; one named `channel` goes through `invoke`.
        """
        read = {name: await _loaded(value) for name, value in options.items()}
        return self.invoke(command, read, channel=channel)

    def invoke(
        self, command: str, options: dict[str, Any], *, channel: str | None = None
    ) -> "Call":
        """Invoke a slash command with its options in one mapping, files as Upload."""
        name, *path = command.split()
        known = self._state.commands.find(name)
        data: Json = {"name": name, "type": 1}
        inner = data
        for part in path:
            known = next((each for each in known["options"] if each["name"] == part), {})
            if not known or not OptionKind(known["type"]).nests:
                raise DiscordError(UNKNOWN_COMMAND)
            inner["options"] = [{"name": part, "type": known["type"]}]
            inner = inner["options"][0]
        uploads: dict[str, Upload] = {}
        inner["options"] = [
            _option(name, value, uploads=uploads) for name, value in options.items()
        ]
        return self._open(data, kind=InteractionType.COMMAND, channel=channel, uploads=uploads)

    def press(self, message: Json, custom_id: str) -> "Call":
        """Press a button of a message."""
        return self._component(message, {"custom_id": custom_id, "component_type": 2})

    def select(self, message: Json, custom_id: str, *values: str) -> "Call":
        """Choose values of a select menu of a message."""
        return self._component(message, {"custom_id": custom_id, "values": list(values)})

    def say(self, content: str, *, channel: str | None = None) -> Json:
        """Post a plain message; return it."""
        channel_id = self._guild.channel_id(channel)
        return post(self._state, self.id, channel_id, {"content": content})

    def sees(self, channel: str | None = None) -> list[Json]:
        """Return the messages this member sees in a channel, oldest first."""
        channel_id = self._guild.channel_id(channel)
        shown = self._state.messages.visible(channel_id, self.id)
        return [self._state.payloads.message(message) for message in shown]

    def _component(self, message: Json, data: Json) -> "Call":
        return self._open(
            data,
            kind=InteractionType.COMPONENT,
            channel=message["channel_id"],
            message_id=int(message["id"]),
        )

    def _open(
        self,
        data: Json,
        *,
        kind: InteractionType,
        channel: str | None,
        uploads: dict[str, Upload] | None = None,
        message_id: int | None = None,
    ) -> "Call":
        invocation = Invocation(
            user_id=self.id,
            channel_id=self._guild.channel_id(channel),
            data=data,
            type=kind,
            uploads=uploads or {},
            message_id=message_id,
        )
        return Call(self._state, self._state.interactions.open(invocation))


def post(state: "State", user_id: int, channel_id: int, payload: Json) -> Json:
    """Post a member's message under the same rules as everybody's; return it."""
    state.require(user_id, channel_id, needed=Permission.SEND_MESSAGES)
    body = Body({"content": payload.get("content")})
    content = Composer(state, channel_id).create(body, allowed=NO_FLAGS)
    message = state.messages.create(Draft(channel_id, user_id, content))
    return state.payloads.message(message)


async def _loaded(value: Any) -> Any:
    if isinstance(value, Path):
        return Upload(value.name, await asyncio.to_thread(value.read_bytes))
    return value


def _option(name: str, value: Any, *, uploads: dict[str, Upload]) -> Json:
    """Write an option as a client does: a file by a temporary id, a member by its id."""
    if isinstance(value, Upload):
        key = str(len(uploads))
        uploads[key] = value
        value = key
    elif isinstance(value, MemberActor):
        value = str(value.id)
    return {"name": name, "value": value}
