"""Changes to guilds, their members, roles and channels; each emits an event."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord.model import guild_payloads, permissions
from sandbox.discord.model.errors import UNKNOWN_MEMBER, UNKNOWN_ROLE, DiscordError
from sandbox.discord.model.events import Event
from sandbox.discord.model.records import Channel, ChannelType, Guild, Json, Member, Role, User

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class GuildRegistry:
    """Add, change and remove people, roles, channels and guilds."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def create_guild(
        self, name: str, members: tuple[int, ...], channels: tuple[str, ...] = ("general",)
    ) -> Guild:
        """Create a guild with text channels; the first member is its owner."""
        state, number = self._state, self._state.ids.make_id()
        now = state.clock.now()
        people = {each: Member(state.world.get_user(each), (), now) for each in members}
        everyone = Role(number, "@everyone", permissions.EVERYONE, 0)
        guild = Guild(number, name, members[0], now, {number: everyone}, people, {})
        for position, each in enumerate(channels):
            channel = Channel(state.ids.make_id(), number, each, position, created_at=now)
            guild.channels[channel.id] = channel
        state.world.guilds[guild.id] = guild
        self._emit_change(guild, "GUILD_CREATE", {"id": str(guild.id)})
        return guild

    def add_person(self, username: str, *, bot: bool = False) -> User:
        """Add a person, or another bot, that is in no guild yet."""
        user = User(self._state.ids.make_id(), username, username.capitalize(), bot=bot)
        self._state.world.people[user.id] = user
        self._state.refresh_permissions()
        return user

    def add_bot(self, guild: Guild) -> None:
        """Let the bot join, as through its invite link."""
        world, now = self._state.world, self._state.clock.now()
        if world.bot.id in guild.members:
            return
        role = Role(self._state.ids.make_id(), "Expanse", permissions.BOT, 1, bot_id=world.bot.id)
        guild.roles[role.id] = role
        guild.members[world.bot.id] = Member(world.bot, (role.id,), now)
        self._state.refresh_permissions()
        own = self._state.payloads.build_member(guild.members[world.bot.id])
        payload = guild_payloads.build_guild_create(guild, [own])
        self._state.emit(
            Event("GUILD_CREATE", payload, guild.id, audience=frozenset({world.bot.id}))
        )
        self._notify_people(guild, "GUILD_MEMBER_ADD", own)

    def remove_bot(self, guild: Guild) -> None:
        """Let the bot leave or be removed: it gets GUILD_DELETE and no more events of the guild."""
        bot_id = self._state.world.bot.id
        payload = {"id": str(guild.id)}
        self._state.emit(Event("GUILD_DELETE", payload, guild.id, audience=frozenset({bot_id})))
        del guild.members[bot_id]
        for role in [each for each in guild.roles.values() if each.bot_id == bot_id]:
            del guild.roles[role.id]
        self._state.refresh_permissions()
        user = self._state.payloads.build_user(self._state.world.bot)
        self._notify_people(guild, "GUILD_MEMBER_REMOVE", {"user": user})

    def get_member(self, guild: Guild, user_id: int | None) -> Member:
        """Return a member; raise 10007 if unknown."""
        member = guild.members.get(user_id) if user_id is not None else None
        if member is None:
            raise DiscordError(UNKNOWN_MEMBER)
        return member

    def add_member(self, guild: Guild, user_id: int) -> Member:
        member = Member(self._state.world.get_user(user_id), (), self._state.clock.now())
        guild.members[user_id] = member
        payload = self._state.payloads.build_member(member)
        self._emit_change(guild, "GUILD_MEMBER_ADD", payload)
        return member

    def remove_member(self, guild: Guild, user_id: int) -> None:
        user = self._state.payloads.build_user(self.get_member(guild, user_id).user)
        del guild.members[user_id]
        self._emit_change(guild, "GUILD_MEMBER_REMOVE", {"user": user})
        payload = {"id": str(guild.id)}
        self._state.emit(Event("GUILD_DELETE", payload, guild.id, audience=frozenset({user_id})))

    def update_member(self, guild: Guild, member: Member) -> Member:
        guild.members[member.user.id] = member
        self._emit_change(guild, "GUILD_MEMBER_UPDATE", self._state.payloads.build_member(member))
        return member

    def get_role(self, guild: Guild, role_id: int | None) -> Role:
        """Return a role; raise 10011 if unknown."""
        role = guild.roles.get(role_id) if role_id is not None else None
        if role is None:
            raise DiscordError(UNKNOWN_ROLE)
        return role

    def set_role(self, guild: Guild, role: Role) -> Role:
        """Add or replace a role."""
        name = "GUILD_ROLE_UPDATE" if role.id in guild.roles else "GUILD_ROLE_CREATE"
        guild.roles[role.id] = role
        self._emit_change(guild, name, {"role": guild_payloads.build_role(role)})
        return role

    def delete_role(self, guild: Guild, role: Role) -> None:
        del guild.roles[role.id]
        for member in tuple(guild.members.values()):
            if role.id in member.role_ids:
                left = tuple(each for each in member.role_ids if each != role.id)
                guild.members[member.user.id] = replace(member, role_ids=left)
        self._emit_change(guild, "GUILD_ROLE_DELETE", {"role_id": str(role.id)})

    def set_channel(self, channel: Channel) -> Channel:
        """Add or replace a channel or thread."""
        guild = self._state.world.guilds[channel.guild_id or 0]
        kind = "THREAD" if channel.type.is_thread else "CHANNEL"
        name = f"{kind}_UPDATE" if channel.id in guild.channels else f"{kind}_CREATE"
        guild.channels[channel.id] = channel
        self._state.refresh_permissions()
        self._state.emit_to_channel(channel.id, name, payload=guild_payloads.build_channel(channel))
        return channel

    def set_thread_members(self, thread: Channel, members: tuple[int, ...]) -> None:
        """Set the members of a thread."""
        guild = self._state.world.guilds[thread.guild_id or 0]
        guild.channels[thread.id] = replace(thread, members=members)
        self._state.refresh_permissions()
        added = [each for each in members if each not in thread.members]
        payload = {
            "id": str(thread.id),
            "guild_id": str(guild.id),
            "member_count": len(members),
            "added_members": [guild_payloads.build_thread_member(thread, each) for each in added],
            "removed_member_ids": [str(each) for each in thread.members if each not in members],
        }
        self._state.emit_to_channel(thread.id, "THREAD_MEMBERS_UPDATE", payload=payload)
        if thread.type is ChannelType.PRIVATE_THREAD and added:
            # who is added to a private thread sees it from now on
            joined = guild_payloads.build_channel(guild.channels[thread.id])
            audience = frozenset(added)
            self._state.emit(Event("THREAD_CREATE", joined, guild.id, audience=audience))

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its messages, webhooks and threads."""
        guild = self._state.world.guilds[channel.guild_id or 0]
        for each in [each for each in guild.channels.values() if each.parent_id == channel.id]:
            if each.type.is_thread:
                self.delete_channel(each)
            else:
                self.set_channel(replace(each, parent_id=None))
        for webhook in self._state.webhooks.list_in_channel(channel.id):
            self._state.webhooks.delete(webhook)
        self._state.messages.forget_channel(channel.id)
        kind = "THREAD" if channel.type.is_thread else "CHANNEL"
        payload = guild_payloads.build_channel(channel)
        # Before the deletion, while it is still known who can see the channel.
        self._state.emit_to_channel(channel.id, f"{kind}_DELETE", payload=payload)
        del guild.channels[channel.id]
        self._state.refresh_permissions()

    def open_dm(self, *user_ids: int) -> Channel:
        """Return the DM between users, one of whom may be the bot; open it if necessary."""
        members, bot_id = tuple(sorted(user_ids)), self._state.world.bot.id
        for channel in self._state.world.dms.values():
            if channel.members == members:
                return channel
        other = next(each for each in members if each != bot_id)
        channel = Channel(
            self._state.ids.make_id(),
            None,
            "",
            type=ChannelType.DM if len(members) == 2 else ChannelType.GROUP_DM,
            recipient_id=other if len(members) == 2 else None,
            members=members,
        )
        self._state.world.dms[channel.id] = channel
        payload = self._state.payloads.build_channel(channel)
        self._state.emit_to_channel(channel.id, "CHANNEL_CREATE", payload=payload)
        return channel

    def _notify_people(self, guild: Guild, name: str, payload: Json) -> None:
        """Notify a guild's members but not the bot, which gets guild events instead."""
        people = frozenset(guild.members) - {self._state.world.bot.id}
        payload = {"guild_id": str(guild.id)} | payload
        self._state.emit(Event(name, payload, guild.id, audience=people))

    def _emit_change(self, guild: Guild, name: str, payload: Mapping[str, object]) -> None:
        self._state.refresh_permissions()
        self._state.emit_to_guild(guild, name, payload=dict(payload))


def has_shared_guild(state: "State", user_id: int) -> bool:
    """Tell whether a user shares a guild with the bot, which DMs require."""
    return any(user_id in guild.members for guild in state.world.bot_guilds)
