"""The `resolved` data of interactions: users, roles, channels, messages, files."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from sandbox.discord.model import guild_payloads, snowflakes
from sandbox.discord.model.errors import TOO_LARGE, DiscordError
from sandbox.discord.model.records import Json, Message, Upload
from sandbox.discord.validation.option_values import OptionKind

if TYPE_CHECKING:
    from sandbox.discord.state.invocations import Invocation
    from sandbox.discord.state.state import State


class Resolver:
    """Collect `resolved` data during validation; files get their ids last."""

    def __init__(self, state: "State", invocation: "Invocation") -> None:
        self.resolved: dict[str, Json] = {}
        self._state = state
        self._invocation = invocation
        self._guild = state.find_guild(invocation.channel_id)
        self._files: dict[str, Upload] = {}

    def resolve_value(
        self, kind: OptionKind, value: object, channel_types: Collection[int] = ()
    ) -> bool:
        """Resolve a referenced value; return whether it exists, a channel of one of the types."""
        if kind is OptionKind.ATTACHMENT:
            return self._resolve_file(str(value))
        number = snowflakes.parse_snowflake(value) or 0
        members = self._guild.members if self._guild else self._state.world.people
        roles = self._guild.roles if self._guild else {}
        mentionable = kind is OptionKind.MENTIONABLE
        if (mentionable or kind is OptionKind.USER) and number in members:
            self.add_user(number)
            return True
        if (mentionable or kind is OptionKind.ROLE) and number in roles:
            self._add_entries("roles", {str(number): guild_payloads.build_role(roles[number])})
            return True
        channels = self._guild.channels if self._guild else {}
        if kind is not OptionKind.CHANNEL or number not in channels:
            return False
        if channel_types and channels[number].type not in channel_types:
            return False
        self._add_channel(number)
        return True

    def add_user(self, user_id: int) -> None:
        user = self._state.world.get_user(user_id)
        self._add_entries("users", {str(user_id): self._state.payloads.build_user(user)})
        member = self._guild.members.get(user_id) if self._guild else None
        if member is not None:
            granted = str(self._state.get_permissions(user_id, self._invocation.channel_id))
            bare = self._state.payloads.build_bare_member(member) | {"permissions": granted}
            self._add_entries("members", {str(user_id): bare})

    def add_message(self, message: Message) -> None:
        self._add_entries(
            "messages", {str(message.id): self._state.payloads.build_message(message)}
        )

    def store_files(self) -> dict[str, str]:
        """Store the files and map temporary to real ids; call it after all other validation."""
        limit = self._state.world.attachment_limit
        if any(len(upload.data) > limit for upload in self._files.values()):
            raise DiscordError(TOO_LARGE)
        real: dict[str, str] = {}
        for temporary, upload in self._files.items():
            record = self._state.files.build_attachment(
                upload, self._invocation.channel_id, ephemeral=True
            )
            attachment = self._state.files.save(record)
            real[temporary] = str(attachment.id)
            payload = self._state.payloads.build_attachment(attachment)
            self._add_entries("attachments", {real[temporary]: payload})
        return real

    def build_result(self) -> Json:
        """Return {"resolved": ...}, or {} if no value references anything."""
        return {"resolved": self.resolved} if self.resolved else {}

    def _resolve_file(self, temporary: str) -> bool:
        upload = self._invocation.uploads.get(temporary)
        if upload is None:
            return False
        self._files[temporary] = upload
        return True

    def _add_channel(self, channel_id: int) -> None:
        granted = str(self._state.get_permissions(self._invocation.user_id, channel_id))
        channel = guild_payloads.build_channel(self._state.get_channel(channel_id))
        self._add_entries("channels", {str(channel_id): channel | {"permissions": granted}})

    def _add_entries(self, kind: str, entries: Json) -> None:
        self.resolved.setdefault(kind, {}).update(entries)
