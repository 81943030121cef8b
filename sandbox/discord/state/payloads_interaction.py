"""Interactions as JSON: as the bot gets them, and as records for tests."""

import itertools
from typing import TYPE_CHECKING, Any

from sandbox.discord.model import guild_payloads
from sandbox.discord.model.json_encoding import append_members, dumps
from sandbox.discord.model.permissions import USER_INSTALL
from sandbox.discord.model.records import CallbackType, Interaction, Json
from sandbox.discord.state.invocations import get_context

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


def build_interaction_create(state: "State", interaction: Interaction) -> Json:
    """Return the INTERACTION_CREATE payload."""
    return _build_own_fields(state, interaction) | state.context_payloads.build_payload(
        interaction.user_id, interaction.channel_id
    )


def format_interaction_create(state: "State", interaction: Interaction) -> str:
    """Return the same payload as JSON text."""
    place = state.context_payloads.build_text(interaction.user_id, interaction.channel_id)
    return append_members(_build_own_fields(state, interaction), place)


def _build_own_fields(state: "State", interaction: Interaction) -> Json:
    """Return the fields specific to this interaction."""
    world, channel = state.world, state.get_channel(interaction.channel_id)
    payload = {
        "id": str(interaction.id),
        "application_id": str(world.bot.id),
        "type": int(interaction.type),
        "data": interaction.data,
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(_get_app_permissions(state, interaction, channel.id)),
        "entitlements": state.entitlements.list_active(interaction.user_id, channel.guild_id),
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": interaction.owners,
        "context": get_context(state, channel),
        "attachment_size_limit": world.attachment_limit,
    }
    source = state.messages.find(interaction.source_message_id)
    if source is not None:
        payload["message"] = state.payloads.build_message(source)
    return payload


def _get_app_permissions(state: "State", interaction: Interaction, channel_id: int) -> int:
    """Return the bot's permissions in the channel, limited for a user installation."""
    if "0" in interaction.owners:
        return state.get_permissions(state.world.bot.id, channel_id)
    return state.get_permissions(interaction.user_id, channel_id) & USER_INSTALL


def build_callback_response(state: "State", interaction: Interaction) -> Json:
    """Return the callback route's response to with_response=1."""
    message = state.messages.find(interaction.response_id)
    body: Json = {
        "interaction": {
            "id": str(interaction.id),
            "type": int(interaction.type),
            "channel_id": str(interaction.channel_id),
        }
    }
    if (guild := state.find_guild(interaction.channel_id)) is not None:
        body["interaction"]["guild_id"] = str(guild.id)
    if message is not None:
        body["interaction"] |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.is_loading,
            "response_message_ephemeral": message.is_ephemeral,
        }
        if interaction.callback in {CallbackType.MESSAGE, CallbackType.UPDATE}:
            payload = state.payloads.build_message(message)
            body["resource"] = {"type": int(interaction.callback), "message": payload}
    return body


def build_record(state: "State", interaction: Interaction) -> Json:
    """Return everything that happened to an interaction, for tests; `ack_ms` is in ms."""
    acked = interaction.acked_at
    original = state.messages.find(interaction.response_id)
    followups = [state.messages.find(each) for each in interaction.followup_ids]
    bot_id = state.world.bot.id
    newer = itertools.takewhile(
        lambda message: message.id > interaction.id,
        state.messages.iter_newest_first(interaction.channel_id),
    )
    later = [each for each in newer if each.author_id == bot_id and each.interaction_id is None]
    return {
        "id": str(interaction.id),
        "version": state.changes.get_version(interaction.id, interaction.channel_id),
        "state": interaction.state.value,
        "created_at": guild_payloads.format_timestamp(interaction.created_at),
        "ack_ms": None if acked is None else round((acked - interaction.created_at) * 1000, 3),
        "edits": interaction.edits,
        "callback_type": None if interaction.callback is None else int(interaction.callback),
        "callback_data": interaction.callback_data,
        "message": state.payloads.build_message(original) if original else None,
        "followups": [state.payloads.build_message(each) for each in followups if each],
        "channel_messages": [state.payloads.build_message(each) for each in reversed(later)],
    }


class ContextPayloads:
    """Build an invocation's context; its JSON text is cached until something in it changes."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._texts: dict[tuple[int, int], tuple[tuple[Any, ...], str]] = {}

    def build_payload(self, user_id: int, channel_id: int) -> Json:
        """Return channel, guild, and member or user, as in INTERACTION_CREATE."""
        state, world = self._state, self._state.world
        channel, guild = state.get_channel(channel_id), state.find_guild(channel_id)
        granted = str(state.get_permissions(user_id, channel_id))
        payload: Json = {
            "channel": state.payloads.build_channel(channel) | {"permissions": granted},
            "channel_id": str(channel_id),
            "locale": world.locales.get(user_id, world.guild.locale),
        }
        if guild is None:
            return payload | {"user": state.payloads.build_user(world.get_user(user_id))}
        member = state.payloads.build_member(guild.members[user_id])
        return payload | {
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_id": str(guild.id),
            "guild_locale": guild.locale,
            "member": member | {"permissions": granted},
        }

    def build_text(self, user_id: int, channel_id: int) -> str:
        """Return the same as JSON text without the braces."""
        made_of = self._build_cache_key(user_id, channel_id)
        known = self._texts.get((user_id, channel_id))
        # Records are immutable, and tuples compare by identity first: this is cheap.
        if known is None or known[0] != made_of:
            text = dumps(self.build_payload(user_id, channel_id))[1:-1]
            known = self._texts[user_id, channel_id] = (made_of, text)
        return known[1]

    def _build_cache_key(self, user_id: int, channel_id: int) -> tuple[Any, ...]:
        """Return everything that the payload depends on."""
        state, world = self._state, self._state.world
        channel, guild = state.get_channel(channel_id), state.find_guild(channel_id)
        return (
            channel,
            None if guild is None else guild.members[user_id],
            None if guild is None else guild.locale,
            world.get_user(user_id),
            world.locales.get(user_id, world.guild.locale),
            state.get_permissions(user_id, channel_id),
        )
