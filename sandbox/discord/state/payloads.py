"""Records as Discord's JSON, for REST responses and gateway events."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.discord.model import guild_payloads
from sandbox.discord.model.events import Event
from sandbox.discord.model.guild_payloads import format_timestamp
from sandbox.discord.model.records import (
    BURST_COLORS,
    FORWARD,
    Attachment,
    Channel,
    ChannelType,
    Interaction,
    InteractionType,
    Json,
    Member,
    Message,
    ReactionType,
    User,
)
from sandbox.discord.state import emojis
from sandbox.discord.validation import media

_GROUPING = frozenset({1, 2})
"""Option types of subcommands and groups."""

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

# Attachment fields that are omitted when empty.
_OPTIONAL = ("content_type", "width", "height", "description", "title", "ephemeral", "flags")
# The fields of a forwarded message (documentation, "Message Snapshot Structure").
_SNAPSHOT = (
    "type",
    "content",
    "embeds",
    "attachments",
    "timestamp",
    "edited_timestamp",
    "flags",
    "mentions",
    "mention_roles",
    "stickers",
    "sticker_items",
    "components",
)
# Those left in the message that a reply is to: issue 7814 of discord-api-docs.
_NESTED_SNAPSHOT = ("attachments", "content", "edited_timestamp", "embeds", "flags", "timestamp")


class Payloads:
    """Build JSON from records; callers may add top-level keys, but not change nested values."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._users: dict[User, Json] = {}
        self._members: dict[int, tuple[Member, Json]] = {}
        self._channels: dict[int, tuple[Channel, Json]] = {}

    def build_user(self, user: User) -> Json:
        """Return a user object; it is shared between payloads: do not change it."""
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

    def build_bot_user(self) -> Json:
        return self.build_user(self._state.world.bot) | {
            "mfa_enabled": True,
            "locale": self._state.world.guild.locale,
            "verified": True,
            "email": None,
            "premium_type": 0,
        }

    def build_member(self, member: Member) -> Json:
        return self.build_bare_member(member) | {"user": self.build_user(member.user)}

    def build_bare_member(self, member: Member) -> Json:
        """Return a member object without its user; it is shared: do not change it."""
        known = self._members.get(member.user.id)
        # Records are immutable, so the same record has the same JSON.
        if known is None or known[0] is not member:
            known = self._members[member.user.id] = (member, self._create_bare_member(member))
        return known[1]

    def _create_bare_member(self, member: Member) -> Json:
        until = member.timed_out_until
        return {
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "communication_disabled_until": until and format_timestamp(until),
            "flags": 0,
            "joined_at": format_timestamp(member.joined_at),
            "nick": member.nick,
            "pending": False,
            "premium_since": None,
            "roles": [str(role_id) for role_id in member.role_ids],
            "collectibles": None,
            "mute": False,
            "deaf": False,
        }

    def build_attachment(self, attachment: Attachment) -> Json:
        url = self._state.links.build_attachment_url(attachment)
        payload: Json = {
            "id": str(attachment.id),
            "filename": attachment.filename,
            "size": len(attachment.data),
            "url": url,
            "proxy_url": url,
        }
        for name in _OPTIONAL:
            value = getattr(attachment, name)
            if value not in {None, False, ""}:
                payload[name] = value
        return payload

    def build_message(
        self, message: Message, *, viewer: int | None = None, nested: bool = True
    ) -> Json:
        """Return a message object as REST shows it to the bot, or to the user `viewer`.

        `nested` adds the message replied to; only the author sees the nonce.
        """
        content, world = message.content, self._state.world
        hidden = media.find_referenced_ids(content)
        payload: Json = {
            "id": str(message.id),
            "type": message.type,
            "channel_id": str(message.channel_id),
            "author": self.build_user(message.webhook or world.get_user(message.author_id)),
            "content": content.text,
            "timestamp": format_timestamp(message.created_at),
            "edited_timestamp": format_timestamp(message.edited_at) if message.edited_at else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [self.build_user(world.get_user(each)) for each in content.mentions],
            "mention_roles": [],
            "attachments": [
                self.build_attachment(each) for each in content.attachments if each.id not in hidden
            ],
            "embeds": media.resolve_embeds(content, self.build_attachment),
            "components": media.resolve_components(content, self.build_attachment),
            "flags": int(content.flags),
            "pinned": message.pinned,
        }
        own = message.author_id == (viewer or world.bot.id)
        if own and nested and message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.emojis:
            payload["reactions"] = self._build_reactions(message)
        if content.stickers:
            payload["sticker_items"] = list(content.stickers)
        if content.poll is not None:
            payload["poll"] = content.poll
        if message.thread_id is not None:
            payload["thread"] = self.build_channel(self._state.get_channel(message.thread_id))
        payload |= self._build_origin(message) | self._build_forward(message, nested=nested)
        return payload | self._build_reference(message) if nested else payload

    def build_channel(self, channel: Channel) -> Json:
        """Return a channel object; it is shared: do not change it."""
        if channel.type is ChannelType.GROUP_DM:
            there = [self.build_user(self._state.world.get_user(each)) for each in channel.members]
            return guild_payloads.build_group_dm(channel, there)
        if channel.recipient_id is None:
            known = self._channels.get(channel.id)
            if known is None or known[0] is not channel:
                known = self._channels[channel.id] = (
                    channel,
                    guild_payloads.build_channel(channel),
                )
            return known[1]
        return guild_payloads.build_dm(
            channel, self.build_user(self._state.world.get_user(channel.recipient_id))
        )

    def build_message_event(self, message: Message) -> Json:
        """Return a gateway message object, which includes guild and member.

        It includes the nonce; `Event.build_payload_for` removes it for everybody but the author.
        """
        payload = self.build_message(message, viewer=message.author_id)
        guild = self._state.find_guild(message.channel_id)
        if guild is None:
            return payload | {"channel_type": 1}
        payload["guild_id"] = str(guild.id)
        member = guild.members.get(message.author_id)
        return payload if member is None else payload | {"member": self.build_bare_member(member)}

    def build_event(
        self, name: str, payload: Json | Callable[[], Json], *, message: Message
    ) -> Event:
        """Address an event about a message to those who can see it."""
        audience = message.audience
        if audience is None:
            audience = self._state.get_viewers(message.channel_id)
        guild_id = self._state.get_channel(message.channel_id).guild_id
        return Event(name, payload, guild_id, audience)

    def build_place(self, message: Message) -> Json:
        """Return a message's channel id, and its guild id outside of DMs."""
        guild_id = self._state.get_channel(message.channel_id).guild_id
        own = {"channel_id": str(message.channel_id)}
        return own | ({} if guild_id is None else {"guild_id": str(guild_id)})

    def build_reaction(
        self, message: Message, emoji: str, *, user_id: int, kind: ReactionType
    ) -> Json:
        return self.build_place(message) | {
            "user_id": str(user_id),
            "message_id": str(message.id),
            "emoji": emojis.build_partial_emoji(emoji),
            "burst": kind is ReactionType.BURST,
            "type": int(kind),
        }

    def build_snapshot(self, message: Message) -> Json:
        """Return the partial message that a forward shows."""
        payload = self.build_message(message, nested=False)
        return {name: payload[name] for name in _SNAPSHOT if name in payload}

    def _build_reactions(self, message: Message) -> list[Json]:
        bot_id = self._state.world.bot.id
        built = []
        for emoji in message.emojis:
            normal, burst = message.reactions.get(emoji, ()), message.bursts.get(emoji, ())
            built.append(
                {
                    "emoji": emojis.build_partial_emoji(emoji),
                    "count": len(normal) + len(burst),
                    "count_details": {"burst": len(burst), "normal": len(normal)},
                    "burst_colors": list(BURST_COLORS) if burst else [],
                    "me_burst": bot_id in burst,
                    "me": bot_id in normal,
                }
            )
        return built

    def _build_forward(self, message: Message, *, nested: bool) -> Json:
        """Return a forward's fields; `nested` is False in the message that a reply is to."""
        forward = message.forward
        if forward is None:
            return {}
        place = {"channel_id": str(forward.channel_id), "message_id": str(forward.message_id)}
        if forward.guild_id is not None:
            place["guild_id"] = str(forward.guild_id)
        snapshot = forward.snapshot
        if not nested and self._state.world.bare_snapshots:
            snapshot = {name: snapshot[name] for name in _NESTED_SNAPSHOT}
        return {
            "message_reference": {"type": FORWARD} | place,
            "message_snapshots": [{"message": snapshot}],
        }

    def _build_reference(self, message: Message) -> Json:
        if message.reference_id is None:
            return {}
        target = self._state.messages.find(message.reference_id)
        reference = self.build_place(message) | {"type": 0, "message_id": str(message.reference_id)}
        # A public reply to an ephemeral message must not show that message to everybody.
        secret = target is None or (target.is_ephemeral and not message.is_ephemeral)
        shown = None if target is None or secret else self.build_message(target, nested=False)
        return {"message_reference": reference, "referenced_message": shown}

    def _build_origin(self, message: Message) -> Json:
        if message.webhook is not None:
            return {"webhook_id": str(message.webhook.id)}
        if message.interaction_id is None:
            return {}
        interaction = self._state.interactions.get(message.interaction_id)
        application_id = str(self._state.world.bot.id)
        origin = {
            "webhook_id": application_id,
            "application_id": application_id,
            "interaction_metadata": self._build_metadata(interaction, message),
        }
        if interaction.type is InteractionType.COMMAND and message.id == interaction.response_id:
            origin["interaction"] = {
                "id": str(interaction.id),
                "type": int(interaction.type),
                "name": _format_command_name(interaction.data),
                "user": self.build_user(self._state.world.get_user(interaction.user_id)),
            }
        return origin

    def _build_metadata(self, interaction: Interaction, message: Message) -> Json:
        metadata: Json = {
            "id": str(interaction.id),
            "type": int(interaction.type),
            "user": self.build_user(self._state.world.get_user(interaction.user_id)),
            "authorizing_integration_owners": interaction.owners,
        }
        if interaction.response_id not in {None, message.id}:
            metadata["original_response_message_id"] = str(interaction.response_id)
        if interaction.type is InteractionType.COMPONENT:
            metadata["interacted_message_id"] = str(interaction.source_message_id)
        if interaction.source_id is not None:
            source = self._state.interactions.get(interaction.source_id)
            metadata["triggering_interaction_metadata"] = self._build_metadata(source, message)
        return metadata


def _format_command_name(data: Json) -> str:
    """Return a command's full name, with group and subcommand."""
    inner = next((each for each in data.get("options", ()) if each["type"] in _GROUPING), None)
    return " ".join([data["name"], *([_format_command_name(inner)] if inner else [])])
