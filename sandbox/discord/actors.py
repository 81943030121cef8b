"""Scripted members: they invoke, press, choose, fill in and write as a person's client would."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.discord import drafts
from sandbox.discord.calls import Call
from sandbox.discord.command_rules import CHAT, MESSAGE, USER
from sandbox.discord.errors import UNKNOWN_COMMAND, DiscordError
from sandbox.discord.invocations import Invocation
from sandbox.discord.models import (
    Channel,
    Guild,
    InteractionType,
    Json,
    Member,
    Overwrite,
    Upload,
)
from sandbox.discord.option_values import OptionKind
from sandbox.discord.posting import post, react, remove, unreact

if TYPE_CHECKING:
    from sandbox.discord.state import State


class GuildActor:
    """A guild, as tests see it: members and channels by name; what its owner may do with it."""

    def __init__(self, state: "State", guild_id: int | None = None) -> None:
        """Stand for a guild, the seeded one unless told."""
        self._state = state
        self.id = state.world.guild.id if guild_id is None else guild_id

    @property
    def _guild(self) -> Guild:
        return self._state.world.guilds[self.id]

    def member(self, name: str) -> "MemberActor":
        """Return the member of a user name or id; LookupError when there is none."""
        for member in self._guild.members.values():
            if name in {member.user.username, str(member.user.id)}:
                return MemberActor(self._state, member, self)
        raise LookupError(f"no member {name!r}")

    def channel_id(self, name: str | None = None) -> int:
        """Return the id of a channel by name or id, or of a DM by id; None is the default one."""
        channels = self._guild.channels
        if name is None:
            default = self._state.world.default_channel_id
            return default if default in channels else next(iter(channels))
        for channel in (*channels.values(), *self._state.world.dms.values()):
            if name in {channel.name, str(channel.id)}:
                return channel.id
        raise LookupError(f"no channel {name!r}")

    def messages(self, channel: str | None = None) -> list[Json]:
        """Return every message of a channel, ephemeral ones too, oldest first."""
        newest = self._state.messages.newest_first(self.channel_id(channel))
        return [self._state.payloads.message(message) for message in newest][::-1]

    def message(self, message: Json) -> Json:
        """Return a message as it is now; LookupError once it is deleted."""
        found = self._state.messages.find(int(message["id"]))
        if found is None:
            raise LookupError(f"no message {message['id']}")
        return self._state.payloads.message(found)

    def welcome(self, username: str, *, role: str | None = None) -> "MemberActor":
        """Let a person join, a new one if nobody has the name, with a role if one is named."""
        people = self._state.world.people.values()
        user = next((each for each in people if each.username == username), None)
        user = user or self._state.roster.add_person(username)
        member = self._state.roster.add_member(self._guild, user.id)
        if role is not None:
            number = next(each.id for each in self._guild.roles.values() if each.name == role)
            self._state.roster.change_member(self._guild, replace(member, role_ids=(number,)))
        return self.member(username)

    def remove(self, username: str) -> None:
        """Let a member leave, or be thrown out."""
        self._state.roster.remove_member(self._guild, self.member(username).id)

    def invite_bot(self) -> None:
        self._state.roster.add_bot(self._guild)

    def remove_bot(self) -> None:
        self._state.roster.remove_bot(self._guild)

    def add_channel(self, name: str, *, nsfw: bool = False) -> str:
        """Add a text channel, age-restricted with `nsfw`; return its id."""
        number, now = self._state.ids.next(), self._state.clock.now()
        channel = Channel(number, self.id, name, nsfw=nsfw, created_at=now)
        return str(self._state.roster.set_channel(channel).id)

    def delete_channel(self, name: str) -> None:
        self._state.roster.delete_channel(self._state.channel(self.channel_id(name)))

    def overwrite(self, channel: str, who: str, *, allow: int = 0, deny: int = 0) -> None:
        """Set what a role, or a member, may and may not do in a channel; bits as Permission."""
        found = self._state.channel(self.channel_id(channel))
        roles = {each.name: each.id for each in self._guild.roles.values()}
        target = roles[who] if who in roles else self.member(who).id
        others = [each for each in found.overwrites if each.id != target]
        own = Overwrite(target, 0 if who in roles else 1, allow, deny)
        self._state.roster.set_channel(replace(found, overwrites=(*others, own)))


class MemberActor:
    """One member's hands; each deed raises DiscordError where Discord's client would refuse."""

    def __init__(self, state: "State", member: Member, guild: GuildActor) -> None:
        self._state = state
        self._guild = guild
        self.id = member.user.id
        self.name = member.user.username

    async def slash(self, command: str, /, *, channel: str | None = None, **options: Any) -> Call:
        """Invoke a slash command; "group sub", "command group sub" for what stands below.

        A file option takes a Path or an Upload, a member option a MemberActor; an option that is
        named `channel` goes through `invoke`.
        """
        read = {name: await drafts.loaded(value) for name, value in options.items()}
        return self.invoke(command, read, channel=channel)

    def invoke(self, command: str, options: dict[str, Any], *, channel: str | None = None) -> Call:
        """Invoke a slash command with its options in one mapping, files as Upload."""
        data, inner = self._nested(command, channel)
        uploads: dict[str, Upload] = {}
        inner["options"] = [
            {"name": name, "value": drafts.value(each, uploads)} for name, each in options.items()
        ]
        return self._open(data, kind=InteractionType.COMMAND, channel=channel, uploads=uploads)

    def autocomplete(
        self,
        command: str,
        option: str,
        typed: Any = "",
        *,
        channel: str | None = None,
        **so_far: Any,
    ) -> Call:
        """Type into an option of a slash command; `Call.choices` gives what the bot suggests."""
        data, inner = self._nested(command, channel)
        typing = {"name": option, "value": typed, "focused": True}
        uploads: dict[str, Upload] = {}
        filled = [
            {"name": name, "value": drafts.value(each, uploads)} for name, each in so_far.items()
        ]
        inner["options"] = [*filled, typing]
        return self._open(data, kind=InteractionType.AUTOCOMPLETE, channel=channel)

    def menu(self, name: str, target: "Json | MemberActor", *, channel: str | None = None) -> Call:
        """Choose a command of the Apps menu of a message (its JSON) or of a member."""
        if isinstance(target, MemberActor):
            data: Json = {"name": name, "type": USER, "target_id": str(target.id)}
        else:
            data = {"name": name, "type": MESSAGE, "target_id": target["id"]}
            channel = target["channel_id"]
        return self._open(data, kind=InteractionType.COMMAND, channel=channel)

    def press(self, message: Json, button: str) -> Call:
        """Press a button, named by its custom id or else by what stands on it."""
        return self._component(message, {"custom_id": drafts.custom_id(message, button)})

    def select(self, message: Json, menu: str, *values: Any) -> Call:
        """Choose in a menu, named by custom id or placeholder: values, labels, or members."""
        custom_id = drafts.custom_id(message, menu)
        chosen = drafts.chosen(message, custom_id, values)
        return self._component(message, {"custom_id": custom_id, "values": chosen})

    async def submit(self, modal: Json, values: dict[str, Any] | None = None) -> Call:
        """Fill in a modal, as `Call.modal` gives it, and send it off.

        `values` names fields by custom id or label; a field left out keeps what is in it. A file
        field takes a list of Path or Upload, a menu a value, a label or a list of them.
        """
        read = {name: await drafts.loaded(value) for name, value in (values or {}).items()}
        uploads: dict[str, Upload] = {}
        data = {"id": modal["id"], "components": drafts.filled(modal, read, uploads)}
        channel = modal["channel_id"]
        return self._open(data, kind=InteractionType.MODAL, channel=channel, uploads=uploads)

    def forge(
        self, message: Json, custom_id: str, *, values: tuple[str, ...] = (), kind: int = 2
    ) -> Call:
        """Send a press of a component that need not be there, as an attacker's client might.

        Discord itself lets none through; `kind` is the component's type (2 a button, 3 a menu).
        """
        data = {"custom_id": custom_id, "component_type": kind, "values": list(values)}
        return self._component(message, data, forged=True)

    def say(
        self, content: str, *, channel: str | None = None, reply_to: Json | None = None
    ) -> Json:
        """Post a plain message; return it."""
        return self._post({"content": content}, {}, channel=channel, reply_to=reply_to)

    async def upload(
        self, *files: Any, content: str = "", channel: str | None = None, spoiler: bool = False
    ) -> Json:
        """Post a message with files, each a Path or an Upload; return it."""
        read = await drafts.loaded(list(files))
        if spoiler:
            read = [Upload(f"SPOILER_{each.filename}", each.data) for each in read]
        return self._post({"content": content}, dict(enumerate(read)), channel=channel)

    def react(self, message: Json, emoji: str) -> None:
        react(self._state, self.id, message, emoji=emoji)

    def unreact(self, message: Json, emoji: str) -> None:
        unreact(self._state, self.id, message, emoji=emoji)

    @property
    def dm(self) -> str:
        """The id of this person's DM with the bot, for `channel`; it opens when it is new."""
        return str(self._state.roster.direct(self.id, self._state.world.bot.id).id)

    def together(self, *names: str) -> str:
        """Return the id of this person's DM with others but the bot; of a group with several."""
        others = [self._guild.member(name).id for name in names]
        return str(self._state.roster.direct(self.id, *others).id)

    def close_dms(self, *, closed: bool = True) -> None:
        """Take no DMs from the bot any more, or take them again; the bot then meets 50007."""
        change = self._state.world.dms_closed
        (change.add if closed else change.discard)(self.id)

    def install(self) -> None:
        """Install the application for oneself: it works where it is no member, and its DM opens."""
        self._state.world.installed_by.add(self.id)
        self._state.roster.direct(self.id, self._state.world.bot.id)

    def speaks(self, locale: str) -> None:
        """Set the language that interactions of this person name, for example "de"."""
        self._state.world.locales[self.id] = locale

    def dismiss(self, message: Json) -> None:
        """Take an ephemeral note out of one's sight."""
        found = self._state.messages.find(int(message["id"]))
        if found is not None:
            self._state.messages.dismiss(found, self.id)

    def delete(self, message: Json) -> None:
        """Delete an own message, or as a moderator anybody's, else DiscordError 50013."""
        remove(self._state, self.id, message)

    def sees(self, channel: str | None = None) -> list[Json]:
        """Return the messages this member sees in a channel, oldest first."""
        channel_id = self._guild.channel_id(channel)
        shown = self._state.messages.visible(channel_id, self.id)
        return [self._state.payloads.message(message) for message in shown]

    def _nested(self, command: str, channel: str | None) -> tuple[Json, Json]:
        """Return a command's data and the part of it that holds the options."""
        name, *path = command.split()
        guild_id = self._state.channel(self._guild.channel_id(channel)).guild_id
        known = self._state.commands.find(name, guild_id=guild_id)
        data: Json = {"name": name, "type": CHAT}
        inner = data
        for part in path:
            known = next((each for each in known["options"] if each["name"] == part), {})
            if not known or not OptionKind(known["type"]).nests:
                raise DiscordError(UNKNOWN_COMMAND)
            inner["options"] = [{"name": part, "type": known["type"]}]
            inner = inner["options"][0]
        return data, inner

    def _post(
        self,
        payload: Json,
        files: dict[int, Upload],
        *,
        channel: str | None,
        reply_to: Json | None = None,
    ) -> Json:
        if reply_to is not None:
            payload |= {"message_reference": {"message_id": reply_to["id"]}}
            channel = reply_to["channel_id"]
        return post(self._state, self.id, self._guild.channel_id(channel), payload, files=files)

    def _component(self, message: Json, data: Json, *, forged: bool = False) -> Call:
        return self._open(
            data,
            kind=InteractionType.COMPONENT,
            channel=message["channel_id"],
            message_id=int(message["id"]),
            forged=forged,
        )

    def _open(self, data: Json, *, kind: InteractionType, channel: str | None, **more: Any) -> Call:
        channel_id = self._guild.channel_id(channel)
        invocation = Invocation(self.id, channel_id, data, kind, **more)
        return Call(self._state, self._state.interactions.open(invocation))
