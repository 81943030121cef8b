"""An interaction in Discord's JSON: as the bot gets it, and as a test reads its record."""

import itertools
from typing import TYPE_CHECKING

from sandbox.discord import payloads_guild
from sandbox.discord.invocations import context_of
from sandbox.discord.jsons import joined
from sandbox.discord.models import CallbackType, Interaction, Json
from sandbox.discord.permissions import BORROWED

if TYPE_CHECKING:
    from sandbox.discord.state import State


def create(state: "State", interaction: Interaction) -> Json:
    """Return the INTERACTION_CREATE payload."""
    return _own(state, interaction) | state.places.payload(
        interaction.user_id, interaction.channel_id
    )


def written(state: "State", interaction: Interaction) -> str:
    """Return the same as JSON."""
    place = state.places.text(interaction.user_id, interaction.channel_id)
    return joined(_own(state, interaction), place)


def _own(state: "State", interaction: Interaction) -> Json:
    """Return what is of this interaction alone."""
    world, channel = state.world, state.channel(interaction.channel_id)
    payload = {
        "id": str(interaction.id),
        "application_id": str(world.bot.id),
        "type": int(interaction.type),
        "data": interaction.data,
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(_app_permissions(state, interaction, channel.id)),
        "entitlements": state.entitlements.active(interaction.user_id, channel.guild_id),
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": interaction.owners,
        "context": context_of(state, channel),
        "attachment_size_limit": world.attachment_limit,
    }
    source = state.messages.find(interaction.source_message_id)
    if source is not None:
        payload["message"] = state.payloads.message(source)
    return payload


def _app_permissions(state: "State", interaction: Interaction, channel_id: int) -> int:
    """Return the bot's bits in the channel; where only the user installed it, that user's few."""
    if "0" in interaction.owners:
        return state.permissions(state.world.bot.id, channel_id)
    return state.permissions(interaction.user_id, channel_id) & BORROWED


def callback_response(state: "State", interaction: Interaction) -> Json:
    """Return what the callback route answers to with_response=1."""
    message = state.messages.find(interaction.response_id)
    body: Json = {
        "interaction": {
            "id": str(interaction.id),
            "type": int(interaction.type),
            "channel_id": str(interaction.channel_id),
        }
    }
    if (guild := state.guild_of(interaction.channel_id)) is not None:
        body["interaction"]["guild_id"] = str(guild.id)
    if message is not None:
        body["interaction"] |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        if interaction.callback in {CallbackType.MESSAGE, CallbackType.UPDATE}:
            shown = state.payloads.message(message)
            body["resource"] = {"type": int(interaction.callback), "message": shown}
    return body


def record(state: "State", interaction: Interaction) -> Json:
    """Return all that became of an interaction, for tests in any language; `ack_ms` in ms."""
    acked = interaction.acked_at
    original = state.messages.find(interaction.response_id)
    followups = [state.messages.find(each) for each in interaction.followup_ids]
    bot_id = state.world.bot.id
    newer = itertools.takewhile(
        lambda message: message.id > interaction.id,
        state.messages.newest_first(interaction.channel_id),
    )
    later = [each for each in newer if each.author_id == bot_id and each.interaction_id is None]
    return {
        "id": str(interaction.id),
        "version": state.changes.version(interaction.id, interaction.channel_id),
        "state": interaction.state.value,
        "created_at": payloads_guild.iso(interaction.created_at),
        "ack_ms": None if acked is None else round((acked - interaction.created_at) * 1000, 3),
        "edits": interaction.edits,
        "callback_type": None if interaction.callback is None else int(interaction.callback),
        "callback_data": interaction.callback_data,
        "message": state.payloads.message(original) if original else None,
        "followups": [state.payloads.message(each) for each in followups if each],
        "channel_messages": [state.payloads.message(each) for each in reversed(later)],
    }
