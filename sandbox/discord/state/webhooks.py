"""Channel webhooks: URLs with their own token, which post under any name."""

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox.discord.model.errors import (
    INVALID_TOKEN,
    MAXIMUM_WEBHOOKS,
    UNKNOWN_WEBHOOK,
    DiscordError,
)
from sandbox.discord.model.records import Channel, Json, User

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

MAX_PER_CHANNEL = 15  # documentation, error 30007
_INCOMING = 1  # a webhook type


@dataclass(frozen=True, slots=True)
class Webhook:
    id: int
    channel_id: int
    guild_id: int
    name: str
    token: str


class WebhookStore:
    """Store channel webhooks, all created by the bot."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._by_id: dict[int, Webhook] = {}

    def create(self, channel: Channel, name: str) -> Webhook:
        """Add a webhook to a channel; raise 30007 if it has fifteen."""
        if len(self.list_in_channel(channel.id)) >= MAX_PER_CHANNEL:
            raise DiscordError(MAXIMUM_WEBHOOKS)
        token = secrets.token_urlsafe(48)
        number = self._state.ids.make_id()
        webhook = Webhook(number, channel.id, channel.guild_id or 0, name, token)
        self._save(webhook)
        return webhook

    def get(self, webhook_id: int | None, token: str | None = None) -> Webhook:
        """Return a webhook; raise 10015 if unknown, 50027 for a wrong token."""
        found = self._by_id.get(webhook_id) if webhook_id is not None else None
        if found is None:
            raise DiscordError(UNKNOWN_WEBHOOK)
        # In constant time, as for every secret.
        if token is not None and not secrets.compare_digest(
            token.encode("utf-8", "replace"), found.token.encode()
        ):
            raise DiscordError(INVALID_TOKEN)
        return found

    def update(self, webhook: Webhook, *, name: str, channel_id: int) -> Webhook:
        changed = replace(webhook, name=name, channel_id=channel_id)
        self._save(changed)
        return changed

    def delete(self, webhook: Webhook) -> None:
        del self._by_id[webhook.id]
        self._emit_update(webhook)

    def list_in_channel(self, channel_id: int) -> list[Webhook]:
        return [each for each in self._by_id.values() if each.channel_id == channel_id]

    def list_in_guild(self, guild_id: int) -> list[Webhook]:
        return [each for each in self._by_id.values() if each.guild_id == guild_id]

    def build_author(self, webhook: Webhook, name: str | None) -> User:
        """Return the author shown on a message of the webhook."""
        return User(webhook.id, name or webhook.name, None, bot=True)

    def build_payload(self, webhook: Webhook, *, with_user: bool = True) -> Json:
        own: Json = {
            "id": str(webhook.id),
            "type": _INCOMING,
            "name": webhook.name,
            "avatar": None,
            "channel_id": str(webhook.channel_id),
            "guild_id": str(webhook.guild_id),
            "application_id": str(self._state.world.bot.id),
            "token": webhook.token,
        }
        creator = self._state.payloads.build_user(self._state.world.bot)
        return own | ({"user": creator} if with_user else {})

    def all(self) -> list[Webhook]:
        return list(self._by_id.values())

    def restore(self, kept: list[Webhook]) -> None:
        """Replace all webhooks by stored ones, without emitting events."""
        self._by_id = {each.id: each for each in kept}

    def clear(self) -> None:
        self._by_id.clear()

    def _save(self, webhook: Webhook) -> None:
        self._by_id[webhook.id] = webhook
        self._emit_update(webhook)

    def _emit_update(self, webhook: Webhook) -> None:
        payload = {"guild_id": str(webhook.guild_id), "channel_id": str(webhook.channel_id)}
        self._state.emit_to_channel(webhook.channel_id, "WEBHOOKS_UPDATE", payload=payload)
