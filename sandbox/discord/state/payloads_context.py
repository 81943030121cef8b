"""Where and by whom something was invoked, which is much the same from one time to the next."""

from typing import TYPE_CHECKING, Any

from sandbox.discord.model.json_encoding import dumps
from sandbox.discord.model.records import Json

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class ContextPayloads:
    """Say it in Discord's JSON; it is written once and kept until something in it changes."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._texts: dict[tuple[int, int], tuple[tuple[Any, ...], str]] = {}

    def build_payload(self, user_id: int, channel_id: int) -> Json:
        """Return channel, guild, and member or user, as INTERACTION_CREATE names them."""
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
        """Return the members of that object as JSON, without its braces."""
        made_of = self._build_cache_key(user_id, channel_id)
        known = self._texts.get((user_id, channel_id))
        # Records never change, so it is enough that they are the same ones: equality begins there.
        if known is None or known[0] != made_of:
            text = dumps(self.build_payload(user_id, channel_id))[1:-1]
            known = self._texts[user_id, channel_id] = (made_of, text)
        return known[1]

    def _build_cache_key(self, user_id: int, channel_id: int) -> tuple[Any, ...]:
        """Return all that the payload depends on."""
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
