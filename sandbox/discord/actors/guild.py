"""A guild for tests: members and channels by name, and the owner's actions."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.records import (
    IS_SPOILER_CHANNEL,
    Channel,
    ChannelType,
    Guild,
    Json,
    Message,
    Overwrite,
)

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class GuildActor:
    """Find a guild's members and channels by name, and do what its owner may do."""

    def __init__(self, state: "State", guild_id: int | None = None) -> None:
        """Act on one guild, by default the seeded one."""
        self._state = state
        self.id = state.world.guild.id if guild_id is None else guild_id

    @property
    def _guild(self) -> Guild:
        return self._state.world.guilds[self.id]

    def member(self, name: str) -> MemberActor:
        """Return a member by user name or id; raise LookupError if there is none."""
        for member in self._guild.members.values():
            if name in {member.user.username, str(member.user.id)}:
                return MemberActor(self._state, member, self)
        raise LookupError(f"no member {name!r}")

    def channel_id(self, name: str | None = None) -> int:
        """Return the id of a channel by name or id, or of a DM by id; None is the default."""
        channels = self._guild.channels
        if name is None:
            default = self._state.world.default_channel_id
            return default if default in channels else next(iter(channels))
        for channel in (*channels.values(), *self._state.world.dms.values()):
            if name in {channel.name, str(channel.id)}:
                return channel.id
        raise LookupError(f"no channel {name!r}")

    def messages(self, channel: str | None = None) -> list[Json]:
        """Return all messages of a channel, ephemeral ones too, oldest first."""
        newest = self._state.messages.iter_newest_first(self.channel_id(channel))
        return [self._build_message(message) for message in newest][::-1]

    def by_nonce(self, nonce: str | int, *, channel: str | None = None) -> list[Json]:
        """Return the messages posted with a nonce, oldest first; channel None means all."""
        place = None if channel is None else self.channel_id(channel)
        return [
            self._build_message(each) for each in self._state.messages.list_by_nonce(nonce, place)
        ]

    def message(self, message: Json) -> Json:
        """Return a message as it is now; raise LookupError if it was deleted."""
        found = self._state.messages.find(int(message["id"]))
        if found is None:
            raise LookupError(f"no message {message['id']}")
        return self._build_message(found)

    def _build_message(self, message: Message) -> Json:
        """Return a message as its author sees it."""
        return self._state.payloads.build_message(message, viewer=message.author_id)

    def welcome(self, username: str, *, role: str | None = None, bot: bool = False) -> MemberActor:
        """Let a person or another bot join, created if new, and give it a role by name."""
        people = self._state.world.people.values()
        user = next((each for each in people if each.username == username), None)
        user = user or self._state.guild_registry.add_person(username, bot=bot)
        member = self._state.guild_registry.add_member(self._guild, user.id)
        if role is not None:
            number = next(each.id for each in self._guild.roles.values() if each.name == role)
            self._state.guild_registry.update_member(
                self._guild, replace(member, role_ids=(number,))
            )
        return self.member(username)

    def remove(self, username: str) -> None:
        """Remove a member, as if they left or were kicked."""
        self._state.guild_registry.remove_member(self._guild, self.member(username).id)

    def invite_bot(self) -> None:
        self._state.guild_registry.add_bot(self._guild)

    def remove_bot(self) -> None:
        self._state.guild_registry.remove_bot(self._guild)

    def add_channel(
        self, name: str, *, nsfw: bool = False, kind: str = "text", category: str | None = None
    ) -> str:
        """Add a channel, age-restricted with `nsfw`, within a category; return its id.

        `kind` is text, announcement, voice, stage, forum, media or category.
        """
        number, now = self._state.ids.make_id(), self._state.clock.now()
        channel = Channel(
            number,
            self.id,
            name,
            type=ChannelType[kind.upper()],
            parent_id=None if category is None else self.channel_id(category),
            nsfw=nsfw,
            created_at=now,
        )
        return str(self._state.guild_registry.set_channel(channel).id)

    def change_channel(
        self, channel: str, *, nsfw: bool | None = None, kind: str | None = None
    ) -> None:
        """Change a channel's age restriction, or convert it to another type."""
        found = self._state.get_channel(self.channel_id(channel))
        changed = replace(
            found,
            nsfw=found.nsfw if nsfw is None else nsfw,
            type=found.type if kind is None else ChannelType[kind.upper()],
        )
        self._state.guild_registry.set_channel(changed)

    def archive(self, channel: str, *, locked: bool = False) -> None:
        """Archive a thread, and lock it."""
        thread = self._state.get_channel(self.channel_id(channel))
        self._state.guild_registry.set_channel(replace(thread, archived=True, locked=locked))

    def change_role(self, name: str, *, allow: int = 0, deny: int = 0) -> None:
        """Give a role `Permission` bits in the whole guild, and take others from it."""
        found = next(each for each in self._guild.roles.values() if each.name == name)
        changed = replace(found, permissions=found.permissions & ~deny | allow)
        self._state.guild_registry.set_role(self._guild, changed)

    def time_out(self, username: str, seconds: float) -> None:
        """Put a member into a time-out of so many seconds; 0 ends it."""
        member = self._state.guild_registry.get_member(self._guild, self.member(username).id)
        until = self._state.clock.now() + seconds if seconds else None
        self._state.guild_registry.update_member(
            self._guild, replace(member, timed_out_until=until)
        )

    def set_spoiler_channel(self, name: str, *, spoiler: bool = True) -> None:
        """Mark a channel as a spoiler channel, which members must open before they see it."""
        found = self._state.get_channel(self.channel_id(name))
        flags = found.flags & ~IS_SPOILER_CHANNEL | (IS_SPOILER_CHANNEL if spoiler else 0)
        self._state.guild_registry.set_channel(replace(found, flags=flags))

    def delete_channel(self, name: str) -> None:
        self._state.guild_registry.delete_channel(self._state.get_channel(self.channel_id(name)))

    def overwrite(self, channel: str, who: str, *, allow: int = 0, deny: int = 0) -> None:
        """Set the `Permission` bits that a channel allows and denies a role or member."""
        found = self._state.get_channel(self.channel_id(channel))
        roles = {each.name: each.id for each in self._guild.roles.values()}
        target = roles[who] if who in roles else self.member(who).id
        others = [each for each in found.overwrites if each.id != target]
        own = Overwrite(target, 0 if who in roles else 1, allow, deny)
        self._state.guild_registry.set_channel(replace(found, overwrites=(*others, own)))
