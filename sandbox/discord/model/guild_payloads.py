"""Discord's JSON for guilds, roles, channels and the application."""

from datetime import UTC, datetime
from functools import lru_cache

from sandbox.discord.model.intents import Intent
from sandbox.discord.model.records import Channel, ChannelType, Guild, Json, Role
from sandbox.discord.model.seed_data import World

# The "limited" flags of the privileged intents (documentation, "Application Flags").
_INTENT_FLAGS = {Intent.GUILD_PRESENCES: 1 << 13, Intent.GUILD_MEMBERS: 1 << 15}
_INTENT_FLAGS[Intent.MESSAGE_CONTENT] = 1 << 19


def compute_application_flags(intents: int) -> int:
    """Return the application flags for the privileged intents granted to it."""
    return sum(flag for intent, flag in _INTENT_FLAGS.items() if intents & intent)


@lru_cache(maxsize=4096)
def format_timestamp(seconds: float) -> str:
    """Format a time as Discord does, for example 2026-01-01T00:00:00.000000+00:00."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def build_role(role: Role) -> Json:
    colors = {"primary_color": role.color, "secondary_color": None, "tertiary_color": None}
    return {
        "id": str(role.id),
        "name": role.name,
        "description": None,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": role.color,
        "colors": colors,
        "hoist": role.hoist,
        "managed": role.bot_id is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    } | ({"tags": {"bot_id": str(role.bot_id)}} if role.bot_id is not None else {})


def build_channel(channel: Channel) -> Json:
    common: Json = {
        "id": str(channel.id),
        "type": int(channel.type),
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "flags": channel.flags,
        "rate_limit_per_user": channel.slowmode,
        "last_message_id": None,
        "parent_id": str(channel.parent_id) if channel.parent_id else None,
    }
    if channel.type.is_thread:
        return common | _build_thread(channel)
    return common | _build_guild_channel(channel) | _KIND_FIELDS.get(channel.type, {})


_VOICE: Json = {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
_FORUM: Json = {
    "available_tags": [],
    "default_auto_archive_duration": 1440,
    "default_reaction_emoji": None,
    "default_sort_order": None,
    "default_forum_layout": 0,
    "default_thread_rate_limit_per_user": 0,
}
_KIND_FIELDS: dict[ChannelType, Json] = {
    ChannelType.VOICE: _VOICE,
    ChannelType.STAGE: _VOICE,
    ChannelType.FORUM: _FORUM,
    ChannelType.MEDIA: _FORUM,
}
"""Fields of some types that the local Discord does not model, with Discord's defaults."""


def build_dm(channel: Channel, recipient: Json) -> Json:
    """Return a DM channel object; `recipient` is the person's user object."""
    return {
        "id": str(channel.id),
        "type": int(channel.type),
        "flags": 0,
        "last_message_id": None,
        "recipients": [recipient],
    }


def build_group_dm(channel: Channel, recipients: list[Json]) -> Json:
    """Return a group DM object; `recipients` are the user objects of its members."""
    shared = {"name": channel.name or None, "icon": None, "owner_id": recipients[0]["id"]}
    return build_dm(channel, recipients[0]) | shared | {"recipients": recipients}


def build_thread_member(thread: Channel, user_id: int) -> Json:
    return {
        "id": str(thread.id),
        "user_id": str(user_id),
        "join_timestamp": format_timestamp(thread.created_at),
        "flags": 0,
    }


def build_thread_list(found: list[Channel], user_id: int) -> Json:
    """Return a thread list with the user's thread memberships."""
    joined = [each for each in found if user_id in each.members]
    return {
        "threads": [build_channel(each) for each in found],
        "members": [build_thread_member(each, user_id) for each in joined],
    }


def _build_guild_channel(channel: Channel) -> Json:
    return {
        "position": channel.position,
        "topic": channel.topic,
        "nsfw": channel.nsfw,
        "permission_overwrites": [
            {
                "id": str(overwrite.id),
                "type": overwrite.kind,
                "allow": str(int(overwrite.allow)),
                "deny": str(int(overwrite.deny)),
            }
            for overwrite in channel.overwrites
        ],
    }


def _build_thread(channel: Channel) -> Json:
    return {
        "owner_id": str(channel.owner_id),
        "message_count": 0,
        "member_count": len(channel.members),
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": channel.archived,
            "archive_timestamp": format_timestamp(channel.created_at),
            "auto_archive_duration": channel.archive_after,
            "locked": channel.locked,
            "create_timestamp": format_timestamp(channel.created_at),
        }
        | ({"invitable": True} if channel.type is ChannelType.PRIVATE_THREAD else {}),
    }


# Guild fields that the local Discord does not model, with Discord's defaults.
_GUILD_DEFAULTS: Json = {
    "emojis": [],
    "stickers": [],
    "features": [],
    "icon": None,
    "banner": None,
    "splash": None,
    "discovery_splash": None,
    "home_header": None,
    "description": None,
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "application_id": None,
    "default_message_notifications": 1,
    "explicit_content_filter": 0,
    "incidents_data": None,
    "max_members": 500_000,
    "max_presences": None,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "mfa_level": 0,
    "nsfw": False,
    "nsfw_level": 0,
    "premium_progress_bar_enabled": False,
    "premium_subscription_count": 0,
    "premium_tier": 0,
    "public_updates_channel_id": None,
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "system_channel_flags": 0,
    "system_channel_id": None,
    "vanity_url_code": None,
    "verification_level": 0,
    "widget_channel_id": None,
    "widget_enabled": False,
}


def build_guild_fields(guild: Guild) -> Json:
    """Return the fields common to the gateway's and the REST API's guild object."""
    return _GUILD_DEFAULTS | {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "roles": [build_role(each) for each in guild.roles.values()],
        "preferred_locale": guild.locale,
    }


def build_guild_create(guild: Guild, members: list[Json]) -> Json:
    """Return a GUILD_CREATE payload; `members` are member objects."""
    channels = guild.channels.values()
    return build_guild_fields(guild) | {
        "joined_at": format_timestamp(guild.created_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": members,
        "channels": [build_channel(each) for each in channels if not each.type.is_thread],
        "threads": [build_channel(each) for each in channels if each.type.is_thread],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def build_application(world: World, *, bot: Json, owner: Json, flags: int) -> Json:
    """Return the application object of "@me"; `bot` and `owner` are user objects."""
    return {
        "id": str(world.bot.id),
        "name": world.bot.global_name,
        "icon": None,
        "description": world.description,
        "summary": "",
        "type": None,
        "bot": bot,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": owner,
        "approximate_guild_count": len(world.bot_guilds),
        "approximate_user_install_count": len(world.installed_by),
        "approximate_user_authorization_count": 0,
        "event_webhooks_status": 1,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }
