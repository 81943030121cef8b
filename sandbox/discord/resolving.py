"""What an interaction's values stand for: people, roles, channels, messages and files."""

from typing import TYPE_CHECKING

from sandbox.discord import payloads_guild, snowflakes
from sandbox.discord.errors import TOO_LARGE, DiscordError
from sandbox.discord.models import Json, Message, Upload
from sandbox.discord.option_values import OptionKind

if TYPE_CHECKING:
    from sandbox.discord.invocations import Invocation
    from sandbox.discord.state import State


class Resolver:
    """Collect Discord's `resolved` while values are checked; files get their ids last."""

    def __init__(self, state: "State", invocation: "Invocation") -> None:
        self.resolved: dict[str, Json] = {}
        self._state = state
        self._invocation = invocation
        self._guild = state.guild_of(invocation.channel_id)
        self._files: dict[str, Upload] = {}

    def take(self, kind: OptionKind, value: object) -> bool:
        """Resolve a value of a kind that names something else; tell whether it exists."""
        if kind is OptionKind.ATTACHMENT:
            return self._take_file(str(value))
        number = snowflakes.parse(value) or 0
        members = self._guild.members if self._guild else self._state.world.people
        roles = self._guild.roles if self._guild else {}
        mentionable = kind is OptionKind.MENTIONABLE
        if (mentionable or kind is OptionKind.USER) and number in members:
            self.user(number)
            return True
        if (mentionable or kind is OptionKind.ROLE) and number in roles:
            self._add("roles", {str(number): payloads_guild.role(roles[number])})
            return True
        channels = self._guild.channels if self._guild else {}
        if kind is OptionKind.CHANNEL and number in channels:
            self._channel(number)
            return True
        return False

    def user(self, user_id: int) -> None:
        user = self._state.world.user(user_id)
        self._add("users", {str(user_id): self._state.payloads.user(user)})
        member = self._guild.members.get(user_id) if self._guild else None
        if member is not None:
            granted = str(self._state.permissions(user_id, self._invocation.channel_id))
            bare = self._state.payloads.bare_member(member) | {"permissions": granted}
            self._add("members", {str(user_id): bare})

    def message(self, message: Message) -> None:
        self._add("messages", {str(message.id): self._state.payloads.message(message)})

    def store_files(self) -> dict[str, str]:
        """Give each file its real id; call it once everything else is known to be right."""
        limit = self._state.world.attachment_limit
        if any(len(upload.data) > limit for upload in self._files.values()):
            raise DiscordError(TOO_LARGE)
        real: dict[str, str] = {}
        for temporary, upload in self._files.items():
            made = self._state.files.make(upload, self._invocation.channel_id, ephemeral=True)
            attachment = self._state.files.keep(made)
            real[temporary] = str(attachment.id)
            payload = self._state.payloads.attachment(attachment)
            self._add("attachments", {real[temporary]: payload})
        return real

    def result(self) -> Json:
        """Return {"resolved": ...}, or nothing when no value named anything."""
        return {"resolved": self.resolved} if self.resolved else {}

    def _take_file(self, temporary: str) -> bool:
        upload = self._invocation.uploads.get(temporary)
        if upload is None:
            return False
        self._files[temporary] = upload
        return True

    def _channel(self, channel_id: int) -> None:
        granted = str(self._state.permissions(self._invocation.user_id, channel_id))
        channel = payloads_guild.channel(self._state.channel(channel_id))
        self._add("channels", {str(channel_id): channel | {"permissions": granted}})

    def _add(self, kind: str, entries: Json) -> None:
        self.resolved.setdefault(kind, {}).update(entries)
