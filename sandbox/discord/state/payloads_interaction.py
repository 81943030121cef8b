"""An interaction in Discord's JSON: as the bot gets it, and as a test reads its record."""

import itertools
from typing import TYPE_CHECKING

from sandbox.discord.model import guild_payloads
from sandbox.discord.model.json_encoding import append_members
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
    """Return the same as JSON."""
    place = state.context_payloads.build_text(interaction.user_id, interaction.channel_id)
    return append_members(_build_own_fields(state, interaction), place)


def _build_own_fields(state: "State", interaction: Interaction) -> Json:
    """Return what is of this interaction alone."""
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
    """Return the bot's bits in the channel; where only the user installed it, that user's few."""
    if "0" in interaction.owners:
        return state.get_permissions(state.world.bot.id, channel_id)
    return state.get_permissions(interaction.user_id, channel_id) & USER_INSTALL


def build_callback_response(state: "State", interaction: Interaction) -> Json:
    """Return what the callback route answers to with_response=1."""
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
            shown = state.payloads.build_message(message)
            body["resource"] = {"type": int(interaction.callback), "message": shown}
    return body


def build_record(state: "State", interaction: Interaction) -> Json:
    """Return all that became of an interaction, for tests in any language; `ack_ms` in ms."""
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
