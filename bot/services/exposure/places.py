"""Channels and roles to which a guild limits the bot, and the gallery's channel."""

from __future__ import annotations

from bot.domain.guild import GuildSettings
from bot.domain.order import Origin
from bot.errors import PlaceNotAllowed


def check_place(settings: GuildSettings, origin: Origin) -> None:
    """Raise `PlaceNotAllowed` outside the allowed channels and their threads, or without a role."""
    channels, roles = settings.allowed_channels, settings.allowed_roles
    if channels and not set(channels) & set(origin.channels):
        raise PlaceNotAllowed(channels=channels)
    if roles and not set(roles) & set(origin.roles):
        raise PlaceNotAllowed(roles=roles)


def check_public_place(settings: GuildSettings, origin: Origin) -> None:
    """Raise `PlaceNotAllowed` for what everybody would see in the gallery's channel.

    A picture that is posted there in another way evades votes, opt-outs and moderators. A thread of
    that channel is no part of the gallery.
    """
    if origin.channel_id and origin.channel_id == settings.gallery_channel:
        raise PlaceNotAllowed(is_gallery=True)
