"""Interactions from the invocation to the last follow-up, with Discord's two deadlines."""

import base64
import hashlib
from typing import TYPE_CHECKING

from sandbox.discord import invocations, payloads_interaction, presses, snowflakes
from sandbox.discord.command_rules import CHAT
from sandbox.discord.errors import (
    ALREADY_ACKNOWLEDGED,
    INVALID_TOKEN,
    MAXIMUM_FOLLOW_UPS,
    MISSING_ACCESS,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    DiscordError,
)
from sandbox.discord.events import Event
from sandbox.discord.invocations import Invocation, Prepared
from sandbox.discord.messages import REPLY, Draft
from sandbox.discord.models import (
    CallbackType,
    Content,
    Interaction,
    InteractionState,
    InteractionType,
    Json,
    Message,
    MessageFlag,
)

if TYPE_CHECKING:
    from sandbox.discord.state import State

# Documentation, "Receiving and Responding": 3 s for the first answer, 15 min for the token.
ANSWER_WITHIN_S = 3.0
TOKEN_LIFETIME_S = 900.0
BORROWED_FOLLOW_UPS = 5  # documentation, "Followup Messages"
DEFAULT, CHAT_COMMAND, MENU_COMMAND = 0, 20, 23  # message types
ORIGINAL = "@original"


class InteractionStore:
    """Open interactions, take their one answer, and change what was answered."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def open(self, invocation: Invocation) -> Interaction:
        """Check what a member invoked, send INTERACTION_CREATE to the bot, start the 3 seconds."""
        prepared = self._prepare(invocation)
        interaction_id = self._state.ids.next()
        interaction = Interaction(
            id=interaction_id,
            token=self._token(interaction_id),
            type=invocation.type,
            user_id=invocation.user_id,
            channel_id=invocation.channel_id,
            data=prepared.data,
            created_at=self._state.clock.now(),
            nonce=invocation.nonce,
            source_message_id=prepared.message_id,
            source_id=prepared.source_id,
            owners=prepared.owners,
        )
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        self._move(interaction, InteractionState.SENT)
        interaction.timer = self._state.clock.call_later(
            ANSWER_WITHIN_S, lambda: self._expire(interaction)
        )
        self._tell_bot(interaction)
        return interaction

    def _tell_bot(self, interaction: Interaction) -> None:
        state = self._state
        event = Event(
            "INTERACTION_CREATE",
            lambda: payloads_interaction.create(state, interaction),
            guild_id=state.channel(interaction.channel_id).guild_id,
            audience=frozenset({state.world.bot.id}),
            write=lambda: payloads_interaction.written(state, interaction),
        )
        state.emit(event)

    def _prepare(self, invocation: Invocation) -> Prepared:
        state, kind = self._state, invocation.type
        if not state.sees(invocation.user_id, state.channel(invocation.channel_id).id):
            raise DiscordError(MISSING_ACCESS)
        if kind is InteractionType.COMPONENT:
            return presses.on_message(state, invocation)
        if kind is InteractionType.MODAL:
            return presses.in_modal(state, invocation)
        return invocations.prepare(state, invocation)

    def get(self, interaction_id: int | None) -> Interaction:
        """Return an interaction by its id, else raise 10062."""
        interaction = self.find(interaction_id)
        if interaction is None:
            raise DiscordError(UNKNOWN_INTERACTION)
        return interaction

    def awaiting(self, interaction_id: int | None, token: str) -> Interaction:
        """Return an interaction that may still be answered, else raise 10062 or 40060."""
        interaction = self.get(interaction_id)
        if interaction.token != token:
            raise DiscordError(UNKNOWN_INTERACTION)
        if interaction.state is InteractionState.ACKED:
            raise DiscordError(ALREADY_ACKNOWLEDGED)
        if interaction.state is InteractionState.FAILED:
            raise DiscordError(UNKNOWN_INTERACTION)
        return interaction

    def by_token(self, token: str) -> Interaction:
        """Return an answered interaction by its token, else raise 10015, or 50027 when too late."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.state is not InteractionState.ACKED:
            raise DiscordError(UNKNOWN_WEBHOOK)
        if self._state.clock.now() - interaction.created_at > TOKEN_LIFETIME_S:
            raise DiscordError(INVALID_TOKEN)
        return interaction

    def message(self, interaction: Interaction, reference: str) -> Message:
        """Return the original response ("@original") or a follow-up (its id), else raise 10008."""
        wanted = interaction.response_id if reference == ORIGINAL else snowflakes.parse(reference)
        if wanted == interaction.response_id or wanted in interaction.followup_ids:
            message = self._state.messages.find(wanted)
            if message is not None:
                return message
        raise DiscordError(UNKNOWN_MESSAGE)

    def answer(
        self,
        interaction: Interaction,
        callback: CallbackType,
        *,
        content: Content | None = None,
        data: Json | None = None,
    ) -> Message | None:
        """Take the one answer; return the message it posts, changes or will change, if any."""
        interaction.callback = callback
        interaction.callback_data = data
        interaction.acked_at = self._state.clock.now()
        if interaction.timer is not None:
            interaction.timer.cancel()
        message = self._answer_message(interaction, callback, content=content)
        self._move(interaction, InteractionState.ACKED)
        self._tell_client(interaction, callback, data=data)
        return message

    def edit(self, interaction: Interaction, message: Message, *, content: Content) -> Message:
        """Change a response; the edit fills one that was loading, and never its visibility."""
        interaction.edits += 1
        return self._state.messages.edit(message, content)

    def follow_up(self, interaction: Interaction, content: Content) -> Message:
        """Post a further message by the token, as a reply to the response.

        Raise 40094 after the fifth where only the user installed the application.
        """
        if "0" not in interaction.owners and len(interaction.followup_ids) >= BORROWED_FOLLOW_UPS:
            raise DiscordError(MAXIMUM_FOLLOW_UPS)
        message = self._state.messages.create(
            self._draft(interaction, content, kind=REPLY, reference_id=interaction.response_id)
        )
        interaction.followup_ids.append(message.id)
        self._state.changes.touch(interaction.id)
        return message

    def ids(self) -> set[int]:
        return set(self._by_id)

    def find(self, interaction_id: int | None) -> Interaction | None:
        return self._by_id.get(interaction_id) if interaction_id is not None else None

    def restore(self, interaction: Interaction) -> None:
        """Put a kept interaction back without telling of it."""
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction

    def stop(self) -> None:
        """Let no deadline fall due any more."""
        for interaction in self._by_id.values():
            if interaction.timer is not None:
                interaction.timer.cancel()

    def clear(self) -> None:
        self.stop()
        gone = {"ids": list(self._by_id)}
        self._by_id.clear()
        self._by_token.clear()
        self._state.emit(Event("INTERACTIONS_CLEARED", gone, audience=frozenset()))

    def _answer_message(
        self, interaction: Interaction, callback: CallbackType, *, content: Content | None
    ) -> Message | None:
        """Post or change; the response's id is noted first, for it is part of what is told."""
        messages = self._state.messages
        source = messages.find(interaction.source_message_id)
        if callback in {CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE}:
            interaction.response_id = self._state.ids.next()
            draft = self._draft(
                interaction,
                content or Content(),
                kind=_message_type(interaction, source),
                reference_id=source.id if source is not None else None,
                message_id=interaction.response_id,
            )
            return messages.create(draft)
        if callback in {CallbackType.UPDATE, CallbackType.DEFERRED_UPDATE} and source is not None:
            interaction.response_id = source.id
            return messages.edit(source, content) if content is not None else source
        return None

    def _draft(
        self,
        interaction: Interaction,
        content: Content,
        *,
        kind: int,
        reference_id: int | None,
        message_id: int | None = None,
    ) -> Draft:
        ephemeral = content.flags & MessageFlag.EPHEMERAL != 0
        return Draft(
            channel_id=interaction.channel_id,
            author_id=self._state.world.bot.id,
            content=content,
            type=kind,
            interaction_id=interaction.id,
            reference_id=reference_id,
            audience=frozenset({interaction.user_id}) if ephemeral else None,
            id=message_id,
        )

    def _expire(self, interaction: Interaction) -> None:
        if interaction.state is InteractionState.SENT:
            self._move(
                interaction, InteractionState.FAILED, reason="The application did not respond"
            )

    def _move(
        self, interaction: Interaction, state: InteractionState, *, reason: str | None = None
    ) -> None:
        interaction.state = state
        self._state.changes.touch(interaction.id)
        payload = {
            "nonce": interaction.nonce,
            "interaction_id": str(interaction.id),
            "state": state.value,
        }
        if reason is not None:
            payload["reason"] = reason
        self._tell_invoker(interaction, "INTERACTION_STATE", payload=payload)

    def _tell_client(
        self, interaction: Interaction, callback: CallbackType, *, data: Json | None
    ) -> None:
        own = {"nonce": interaction.nonce, "id": str(interaction.id)}
        if callback is CallbackType.MODAL:
            self._tell_invoker(interaction, "INTERACTION_MODAL_CREATE", payload=own | (data or {}))
        elif callback is CallbackType.AUTOCOMPLETE:
            name = "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE"
            self._tell_invoker(interaction, name, payload=own | (data or {}))

    def _tell_invoker(self, interaction: Interaction, name: str, *, payload: Json) -> None:
        """Tell the page of the person who invoked; the bot hears nothing of it."""
        self._state.emit(Event(name, payload, audience=frozenset({interaction.user_id})))

    def _token(self, interaction_id: int) -> str:
        secret = hashlib.blake2b(
            str(interaction_id).encode(), key=self._state.key, digest_size=32
        ).hexdigest()
        return base64.urlsafe_b64encode(f"interaction:{interaction_id}:{secret}".encode()).decode()


def _message_type(interaction: Interaction, source: Message | None) -> int:
    if interaction.type is InteractionType.COMMAND:
        return CHAT_COMMAND if interaction.data["type"] == CHAT else MENU_COMMAND
    return DEFAULT if source is None else REPLY
