"""Scripted members: they run commands, click, select, fill in and write as a client would."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.discord.actors import client_payloads
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.posting import (
    add_reaction,
    clear_reactions,
    delete_message,
    post_message,
    remove_reaction,
)
from sandbox.discord.actors.threads import start_post, start_thread
from sandbox.discord.model.errors import UNKNOWN_COMMAND, DiscordError
from sandbox.discord.model.records import (
    FORWARD,
    SPOILER_PREFIX,
    Content,
    InteractionType,
    Json,
    Member,
    ReactionType,
    Upload,
)
from sandbox.discord.state.invocations import Invocation
from sandbox.discord.validation.commands import CHAT, MESSAGE, USER
from sandbox.discord.validation.option_values import OptionKind

if TYPE_CHECKING:
    from sandbox.discord.actors.guild import GuildActor
    from sandbox.discord.state.state import State


class MemberActor:
    """Act as one member; each method raises DiscordError where Discord's client would refuse."""

    def __init__(self, state: "State", member: Member, guild: "GuildActor") -> None:
        self._state = state
        self._guild = guild
        self.id = member.user.id
        self.name = member.user.username

    async def slash(
        self, command: str, /, *, channel: str | None = None, **options: Any
    ) -> TrackedInvocation:
        """Run a slash command, "name", "group sub" or "command group sub".

        A file option takes a Path or an Upload, a member option a MemberActor; use `invoke` for an
        option named `channel`.
        """
        read = {name: await client_payloads.load_files(value) for name, value in options.items()}
        return self.invoke(command, read, channel=channel)

    def invoke(
        self,
        command: str,
        options: dict[str, Any],
        *,
        channel: str | None = None,
        forged: bool = False,
    ) -> TrackedInvocation:
        """Run a slash command with its options as a mapping, files as Upload.

        A forged one is sent although Discord would not let this member or bot use it.
        """
        data, inner = self._build_command_data(command, channel)
        uploads: dict[str, Upload] = {}
        inner["options"] = [
            {"name": name, "value": client_payloads.encode_value(each, uploads)}
            for name, each in options.items()
        ]
        return self._open_interaction(
            data,
            kind=InteractionType.COMMAND,
            channel=channel,
            uploads=uploads,
            forged=forged,
        )

    def autocomplete(
        self,
        command: str,
        option: str,
        typed: Any = "",
        *,
        channel: str | None = None,
        **so_far: Any,
    ) -> TrackedInvocation:
        """Type into a slash command option; `TrackedInvocation.choices` returns suggestions."""
        data, inner = self._build_command_data(command, channel)
        typing = {"name": option, "value": typed, "focused": True}
        uploads: dict[str, Upload] = {}
        filled = [
            {"name": name, "value": client_payloads.encode_value(each, uploads)}
            for name, each in so_far.items()
        ]
        inner["options"] = [*filled, typing]
        return self._open_interaction(data, kind=InteractionType.AUTOCOMPLETE, channel=channel)

    def menu(
        self, name: str, target: "Json | MemberActor", *, channel: str | None = None
    ) -> TrackedInvocation:
        """Run a command of the Apps menu of a message (its JSON) or a member."""
        if isinstance(target, MemberActor):
            data: Json = {"name": name, "type": USER, "target_id": str(target.id)}
        else:
            data = {"name": name, "type": MESSAGE, "target_id": target["id"]}
            channel = target["channel_id"]
        return self._open_interaction(data, kind=InteractionType.COMMAND, channel=channel)

    def press(self, message: Json, button: str) -> TrackedInvocation:
        """Click a button, named by its custom id, label or emoji."""
        return self._open_component(
            message, {"custom_id": client_payloads.find_custom_id(message, button)}
        )

    def select(self, message: Json, menu: str, *values: Any) -> TrackedInvocation:
        """Select values, labels or members in a menu, named by custom id or placeholder."""
        custom_id = client_payloads.find_custom_id(message, menu)
        chosen = client_payloads.encode_choices(message, custom_id, values)
        return self._open_component(message, {"custom_id": custom_id, "values": chosen})

    async def submit(self, modal: Json, values: dict[str, Any] | None = None) -> TrackedInvocation:
        """Fill in and submit a modal, as returned by `TrackedInvocation.modal`.

        `values` names fields by custom id or label; an omitted field keeps its value. A file field
        takes a list of Path or Upload, a menu a value, a label or a list of them.
        """
        read = {
            name: await client_payloads.load_files(value) for name, value in (values or {}).items()
        }
        uploads: dict[str, Upload] = {}
        data = {
            "id": modal["id"],
            "components": client_payloads.encode_modal_fields(modal, read, uploads),
        }
        channel = modal["channel_id"]
        return self._open_interaction(
            data, kind=InteractionType.MODAL, channel=channel, uploads=uploads
        )

    def forge(
        self, message: Json, custom_id: str, *, values: tuple[str, ...] = (), kind: int = 2
    ) -> TrackedInvocation:
        """Send a click on a component that need not exist, as an attacker's client might.

        Discord itself lets none of these through; `kind` is the component type (2 button, 3 menu).
        """
        data = {"custom_id": custom_id, "component_type": kind, "values": list(values)}
        return self._open_component(message, data, forged=True)

    def say(
        self,
        content: str,
        *,
        channel: str | None = None,
        reply_to: Json | None = None,
        nonce: str | int | None = None,
    ) -> Json:
        """Post a text message; return it."""
        payload = {"content": content, "nonce": nonce}
        return self._post_message(payload, {}, channel=channel, reply_to=reply_to)

    async def upload(
        self, *files: Any, content: str = "", channel: str | None = None, spoiler: bool = False
    ) -> Json:
        """Post a message with files, each a Path or an Upload; return it.

        `spoiler` marks all by their name, as older clients do; newer ones set `Upload.spoiler`.
        """
        read = await client_payloads.load_files(list(files))
        if spoiler:
            read = [replace(each, filename=SPOILER_PREFIX + each.filename) for each in read]
        return self._post_message({"content": content}, dict(enumerate(read)), channel=channel)

    def start_thread(self, name: str, *, channel: str | None = None, private: bool = False) -> str:
        """Start a thread in a channel; return its id, which `channel` takes everywhere."""
        parent_id = self._guild.channel_id(channel)
        return str(start_thread(self._state, self.id, parent_id, name, private=private).id)

    async def start_post(
        self, title: str, *files: Any, content: str = "", channel: str | None = None
    ) -> Json:
        """Start a post of a forum or media channel, with files; return its first message."""
        read = await client_payloads.load_files(list(files))
        forum_id = self._guild.channel_id(channel)
        return start_post(self._state, self.id, forum_id, title, content, read)

    def forward(self, message: Json, *, channel: str | None = None) -> Json:
        """Forward a message, to the same channel by default; return the forward."""
        place = {"channel_id": message["channel_id"], "message_id": message["id"]}
        target = message["channel_id"] if channel is None else channel
        payload = {"message_reference": {"type": FORWARD} | place}
        return self._post_message(payload, {}, channel=target)

    def sticker(self, name: str, *, channel: str | None = None, format_type: int = 1) -> Json:
        """Post a sticker; `format_type` is 1 PNG, 2 APNG, 3 Lottie or 4 GIF; return the message."""
        number = str(self._state.ids.make_id())
        item = {"id": number, "name": name, "format_type": format_type}
        return self._post_message({}, {}, channel=channel, extra=Content(stickers=(item,)))

    async def poll(
        self, question: str, *answers: str, files: Any = (), channel: str | None = None
    ) -> Json:
        """Post a poll, which may show files, each a Path or an Upload; return the message."""
        read = await client_payloads.load_files(list(files))
        poll = client_payloads.build_poll(question, answers, self._state.clock.now())
        extra, uploads = Content(poll=poll), dict(enumerate(read))
        return self._post_message({}, uploads, channel=channel, extra=extra)

    def react(self, message: Json, emoji: str, *, burst: bool = False) -> None:
        """Add a reaction, or a super reaction with `burst`."""
        add_reaction(self._state, self.id, message, emoji=emoji, kind=ReactionType(burst))

    def unreact(self, message: Json, emoji: str, *, burst: bool = False) -> None:
        remove_reaction(self._state, self.id, message, emoji=emoji, kind=ReactionType(burst))

    def clear_reactions(self, message: Json, *, emoji: str | None = None) -> None:
        """Remove all reactions, or all of one emoji, as a moderator; else raise 50013."""
        clear_reactions(self._state, self.id, message, emoji)

    @property
    def dm(self) -> str:
        """Return the id of this person's DM with the bot, for `channel`; open it if necessary."""
        return str(self._state.guild_registry.open_dm(self.id, self._state.world.bot.id).id)

    def together(self, *names: str) -> str:
        """Return the id of this person's DM, or group DM, with others but not the bot."""
        others = [self._guild.member(name).id for name in names]
        return str(self._state.guild_registry.open_dm(self.id, *others).id)

    def close_dms(self, *, closed: bool = True) -> None:
        """Close or reopen this person's DMs; the bot gets error 50007 while they are closed."""
        change = self._state.world.dms_closed
        (change.add if closed else change.discard)(self.id)

    def install(self) -> None:
        """Install the application for this user: it works in guilds it is not in, and in DMs."""
        self._state.world.installed_by.add(self.id)
        self._state.guild_registry.open_dm(self.id, self._state.world.bot.id)

    def speaks(self, locale: str) -> None:
        """Set the locale sent with this person's interactions, for example "de"."""
        self._state.world.locales[self.id] = locale

    def dismiss(self, message: Json) -> None:
        """Dismiss an ephemeral message."""
        found = self._state.messages.find(int(message["id"]))
        if found is not None:
            self._state.messages.dismiss_note(found, self.id)

    def delete(self, message: Json) -> None:
        """Delete an own message, or as a moderator anybody's; else raise DiscordError 50013."""
        delete_message(self._state, self.id, message)

    def sees(self, channel: str | None = None) -> list[Json]:
        """Return the messages that this member sees in a channel, oldest first."""
        channel_id = self._guild.channel_id(channel)
        messages = self._state.messages.list_visible(channel_id, self.id)
        return [self._state.payloads.build_message(message, viewer=self.id) for message in messages]

    def _build_command_data(self, command: str, channel: str | None) -> tuple[Json, Json]:
        """Return a command's data, and the part of it that takes the options."""
        name, *path = command.split()
        guild_id = self._state.get_channel(self._guild.channel_id(channel)).guild_id
        known = self._state.commands.find(name, guild_id=guild_id)
        data: Json = {"name": name, "type": CHAT}
        inner = data
        for part in path:
            known = next((each for each in known["options"] if each["name"] == part), {})
            if not known or not OptionKind(known["type"]).has_options:
                raise DiscordError(UNKNOWN_COMMAND)
            inner["options"] = [{"name": part, "type": known["type"]}]
            inner = inner["options"][0]
        return data, inner

    def _post_message(
        self,
        payload: Json,
        files: dict[int, Upload],
        *,
        channel: str | None,
        reply_to: Json | None = None,
        extra: Content | None = None,
    ) -> Json:
        if reply_to is not None:
            payload |= {"message_reference": {"message_id": reply_to["id"]}}
            channel = reply_to["channel_id"]
        place = self._guild.channel_id(channel)
        return post_message(self._state, self.id, place, payload, files=files, extra=extra)

    def _open_component(
        self, message: Json, data: Json, *, forged: bool = False
    ) -> TrackedInvocation:
        return self._open_interaction(
            data,
            kind=InteractionType.COMPONENT,
            channel=message["channel_id"],
            message_id=int(message["id"]),
            forged=forged,
        )

    def _open_interaction(
        self, data: Json, *, kind: InteractionType, channel: str | None, **more: Any
    ) -> TrackedInvocation:
        channel_id = self._guild.channel_id(channel)
        invocation = Invocation(self.id, channel_id, data, kind, **more)
        return TrackedInvocation(self._state, self._state.interactions.open(invocation))
