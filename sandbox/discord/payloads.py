"""Records in Discord's JSON, as REST answers and gateway events carry them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.discord import emojis, media, payloads_guild
from sandbox.discord.events import Event
from sandbox.discord.models import (
    Attachment,
    Channel,
    ChannelType,
    Interaction,
    InteractionType,
    Json,
    Member,
    Message,
    User,
)
from sandbox.discord.payloads_guild import iso

if TYPE_CHECKING:
    from sandbox.discord.state import State

# The parts of an attachment that are left out where there is nothing to say.
_OPTIONAL = ("content_type", "width", "height", "description", "title", "ephemeral")


class Payloads:
    """Build JSON from the state's records; callers may add keys to what they get, not deeper."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._users: dict[User, Json] = {}
        self._members: dict[int, tuple[Member, Json]] = {}
        self._channels: dict[int, tuple[Channel, Json]] = {}

    def user(self, user: User) -> Json:
        """Return the user object; shared between payloads, so never to be changed."""
        known = self._users.get(user)
        if known is None:
            known = self._users[user] = {
                "id": str(user.id),
                "username": user.username,
                "global_name": user.global_name,
                "discriminator": "0",
                "avatar": None,
                "avatar_decoration_data": None,
                "banner": None,
                "accent_color": None,
                "collectibles": None,
                "primary_guild": None,
                "public_flags": 0,
                "flags": 0,
            } | ({"bot": True} if user.bot else {})
        return known

    def me(self) -> Json:
        return self.user(self._state.world.bot) | {
            "mfa_enabled": True,
            "locale": self._state.world.guild.locale,
            "verified": True,
            "email": None,
            "premium_type": 0,
        }

    def member(self, member: Member) -> Json:
        return self.bare_member(member) | {"user": self.user(member.user)}

    def bare_member(self, member: Member) -> Json:
        """Return the member object without its user; shared, so never to be changed."""
        known = self._members.get(member.user.id)
        # The records never change, so the same one has the same JSON.
        if known is None or known[0] is not member:
            known = self._members[member.user.id] = (member, self._bare_member(member))
        return known[1]

    def _bare_member(self, member: Member) -> Json:
        until = member.timed_out_until
        return {
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "communication_disabled_until": until and iso(until),
            "flags": 0,
            "joined_at": iso(member.joined_at),
            "nick": member.nick,
            "pending": False,
            "premium_since": None,
            "roles": [str(role_id) for role_id in member.role_ids],
            "collectibles": None,
            "mute": False,
            "deaf": False,
        }

    def attachment(self, attachment: Attachment) -> Json:
        url = self._state.links.attachment(attachment)
        payload: Json = {
            "id": str(attachment.id),
            "filename": attachment.filename,
            "size": len(attachment.data),
            "url": url,
            "proxy_url": url,
        }
        for name in _OPTIONAL:
            value = getattr(attachment, name)
            if value is not None and value is not False:
                payload[name] = value
        return payload

    def message(self, message: Message, *, viewer: int | None = None, nested: bool = True) -> Json:
        """Return the message object as REST gives it to the bot, or to a person, `viewer`.

        `nested` adds the message it answers; a nonce is its author's alone.
        """
        content = message.content
        hidden = media.referenced(content)
        payload: Json = {
            "id": str(message.id),
            "type": message.type,
            "channel_id": str(message.channel_id),
            "author": self.user(message.webhook or self._state.world.user(message.author_id)),
            "content": content.text,
            "timestamp": iso(message.created_at),
            "edited_timestamp": iso(message.edited_at) if message.edited_at else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [self.user(self._state.world.user(each)) for each in content.mentions],
            "mention_roles": [],
            "attachments": [
                self.attachment(each) for each in content.attachments if each.id not in hidden
            ],
            "embeds": media.embeds(content, self.attachment),
            "components": media.components(content, self.attachment),
            "flags": int(content.flags),
            "pinned": message.pinned,
        }
        own = message.author_id == (viewer or self._state.world.bot.id)
        if own and nested and message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.reactions:
            payload["reactions"] = self._reactions(message)
        if message.thread_id is not None:
            payload["thread"] = self.channel(self._state.channel(message.thread_id))
        return payload | self._origin(message) | (self._reference(message) if nested else {})

    def channel(self, channel: Channel) -> Json:
        """Return the channel object; shared, so never to be changed."""
        if channel.type is ChannelType.GROUP_DM:
            there = [self.user(self._state.world.user(each)) for each in channel.members]
            return payloads_guild.group(channel, there)
        if channel.recipient_id is None:
            known = self._channels.get(channel.id)
            if known is None or known[0] is not channel:
                known = self._channels[channel.id] = (channel, payloads_guild.channel(channel))
            return known[1]
        return payloads_guild.direct(
            channel, self.user(self._state.world.user(channel.recipient_id))
        )

    def message_event(self, message: Message) -> Json:
        """Return the message object of the gateway, which names guild and member as well.

        It has the nonce; `Event.seen_by` takes it out for everybody but the author.
        """
        payload = self.message(message, viewer=message.author_id)
        guild = self._state.guild_of(message.channel_id)
        if guild is None:
            return payload | {"channel_type": 1}
        payload["guild_id"] = str(guild.id)
        member = guild.members.get(message.author_id)
        return payload if member is None else payload | {"member": self.bare_member(member)}

    def event(self, name: str, payload: Json | Callable[[], Json], *, message: Message) -> Event:
        """Address an event about a message to those who can see that message."""
        audience = message.audience
        if audience is None:
            audience = self._state.viewers(message.channel_id)
        guild_id = self._state.channel(message.channel_id).guild_id
        return Event(name, payload, guild_id, audience)

    def place(self, message: Message) -> Json:
        """Return where a message is: its channel and, but in a DM, its guild."""
        guild_id = self._state.channel(message.channel_id).guild_id
        own = {"channel_id": str(message.channel_id)}
        return own | ({} if guild_id is None else {"guild_id": str(guild_id)})

    def reaction(self, message: Message, emoji: str, *, user_id: int) -> Json:
        return self.place(message) | {
            "user_id": str(user_id),
            "message_id": str(message.id),
            "message_author_id": str(message.author_id),
            "emoji": emojis.shown(emoji),
            "burst": False,
            "type": 0,
        }

    def _reactions(self, message: Message) -> list[Json]:
        return [
            {
                "emoji": emojis.shown(emoji),
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "burst_colors": [],
                "me_burst": False,
                "me": self._state.world.bot.id in users,
            }
            for emoji, users in message.reactions.items()
        ]

    def _reference(self, message: Message) -> Json:
        if message.reference_id is None:
            return {}
        target = self._state.messages.find(message.reference_id)
        reference = self.place(message) | {"type": 0, "message_id": str(message.reference_id)}
        # A public answer to an ephemeral note must not show the note to everybody.
        secret = target is None or (target.ephemeral and not message.ephemeral)
        shown = None if target is None or secret else self.message(target, nested=False)
        return {"message_reference": reference, "referenced_message": shown}

    def _origin(self, message: Message) -> Json:
        if message.webhook is not None:
            return {"webhook_id": str(message.webhook.id)}
        if message.interaction_id is None:
            return {}
        interaction = self._state.interactions.get(message.interaction_id)
        application_id = str(self._state.world.bot.id)
        origin = {
            "webhook_id": application_id,
            "application_id": application_id,
            "interaction_metadata": self._metadata(interaction, message),
        }
        if interaction.type is InteractionType.COMMAND and message.id == interaction.response_id:
            origin["interaction"] = {
                "id": str(interaction.id),
                "type": int(interaction.type),
                "name": interaction.data["name"],
                "user": self.user(self._state.world.user(interaction.user_id)),
            }
        return origin

    def _metadata(self, interaction: Interaction, message: Message) -> Json:
        metadata: Json = {
            "id": str(interaction.id),
            "type": int(interaction.type),
            "user": self.user(self._state.world.user(interaction.user_id)),
            "authorizing_integration_owners": interaction.owners,
        }
        if interaction.response_id not in {None, message.id}:
            metadata["original_response_message_id"] = str(interaction.response_id)
        if interaction.type is InteractionType.COMPONENT:
            metadata["interacted_message_id"] = str(interaction.source_message_id)
        if interaction.source_id is not None:
            source = self._state.interactions.get(interaction.source_id)
            metadata["triggering_interaction_metadata"] = self._metadata(source, message)
        return metadata
