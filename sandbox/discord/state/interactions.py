"""Interactions, from invocation to last follow-up, with Discord's two deadlines."""

import base64
import hashlib
from typing import TYPE_CHECKING

from sandbox.control.clock import Timer
from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import (
    ALREADY_ACKNOWLEDGED,
    INVALID_TOKEN,
    MAXIMUM_FOLLOW_UPS,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NOT_FOR_BOTS,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    DiscordError,
)
from sandbox.discord.model.events import Event
from sandbox.discord.model.records import (
    CallbackType,
    Channel,
    Content,
    Interaction,
    InteractionState,
    InteractionType,
    Json,
    Message,
    MessageFlag,
)
from sandbox.discord.state import (
    component_submissions,
    invocations,
)
from sandbox.discord.state import (
    payloads_interaction as interaction_payloads,
)
from sandbox.discord.state.invocations import Invocation, PreparedInvocation
from sandbox.discord.state.messages import REPLY, NewMessage
from sandbox.discord.validation.commands import CHAT

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

# Documentation, "Receiving and Responding": 3 s for the first answer, 15 min for the token.
ANSWER_WITHIN_S = 3.0
TOKEN_LIFETIME_S = 900.0
USER_INSTALL_FOLLOW_UPS = 5  # documentation, "Followup Messages"
DEFAULT, CHAT_COMMAND, MENU_COMMAND = 0, 20, 23  # message types
ORIGINAL = "@original"


class InteractionStore:
    """Open interactions, accept their single answer, and edit their messages."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._timers: dict[int, Timer] = {}

    def open(self, invocation: Invocation) -> Interaction:
        """Validate an invocation, send INTERACTION_CREATE, and start the 3 s deadline."""
        prepared = self._prepare_invocation(invocation)
        interaction_id = self._state.ids.make_id()
        interaction = Interaction(
            id=interaction_id,
            token=self._sign_token(interaction_id),
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
        self._set_state(interaction, InteractionState.SENT)
        self._timers[interaction.id] = self._state.clock.call_later(
            ANSWER_WITHIN_S, lambda: self._expire_unanswered(interaction)
        )
        self._notify_bot(interaction)
        return interaction

    def _notify_bot(self, interaction: Interaction) -> None:
        state = self._state
        event = Event(
            "INTERACTION_CREATE",
            lambda: interaction_payloads.build_interaction_create(state, interaction),
            guild_id=state.get_channel(interaction.channel_id).guild_id,
            audience=frozenset({state.world.bot.id}),
            write=lambda: interaction_payloads.format_interaction_create(state, interaction),
        )
        state.emit(event)

    def _prepare_invocation(self, invocation: Invocation) -> PreparedInvocation:
        state, kind = self._state, invocation.type
        channel = state.get_channel(invocation.channel_id)
        if not state.can_see(invocation.user_id, channel.id):
            raise DiscordError(MISSING_ACCESS)
        if not invocation.forged:
            self._check_invoker(invocation.user_id, channel)
        if kind is InteractionType.COMPONENT:
            return component_submissions.prepare_component_use(state, invocation)
        if kind is InteractionType.MODAL:
            return component_submissions.prepare_modal_submission(state, invocation)
        return invocations.prepare_command(state, invocation)

    def _check_invoker(self, user_id: int, channel: Channel) -> None:
        """Refuse bots, members in a time-out, and places where nobody can write."""
        if self._state.world.get_user(user_id).bot:
            raise DiscordError(NOT_FOR_BOTS)
        if self._state.is_timed_out(user_id, channel.id):
            raise DiscordError(MISSING_PERMISSIONS)
        self._state.require_writable(user_id, channel)

    def get(self, interaction_id: int | None) -> Interaction:
        """Return an interaction by id; raise 10062 if unknown."""
        interaction = self.find(interaction_id)
        if interaction is None:
            raise DiscordError(UNKNOWN_INTERACTION)
        return interaction

    def get_unanswered(self, interaction_id: int | None, token: str) -> Interaction:
        """Return an interaction that can still be answered; raise 10062 or 40060 otherwise."""
        interaction = self.get(interaction_id)
        if interaction.token != token:
            raise DiscordError(UNKNOWN_INTERACTION)
        if interaction.state is InteractionState.ACKED:
            raise DiscordError(ALREADY_ACKNOWLEDGED)
        if interaction.state is InteractionState.FAILED:
            raise DiscordError(UNKNOWN_INTERACTION)
        return interaction

    def get_by_token(self, token: str) -> Interaction:
        """Return an answered interaction by token; raise 10015 if unknown, 50027 if expired."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.state is not InteractionState.ACKED:
            raise DiscordError(UNKNOWN_WEBHOOK)
        if self._state.clock.now() - interaction.created_at > TOKEN_LIFETIME_S:
            raise DiscordError(INVALID_TOKEN)
        return interaction

    def get_message(self, interaction: Interaction, reference: str) -> Message:
        """Return the response ("@original") or a follow-up (by id); raise 10008 if unknown."""
        message_id = (
            interaction.response_id
            if reference == ORIGINAL
            else snowflakes.parse_snowflake(reference)
        )
        if message_id == interaction.response_id or message_id in interaction.followup_ids:
            message = self._state.messages.find(message_id)
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
        """Accept the single answer; return the message that it posts or edits, if any."""
        interaction.callback = callback
        interaction.callback_data = data
        interaction.acked_at = self._state.clock.now()
        if (timer := self._timers.pop(interaction.id, None)) is not None:
            timer.cancel()
        message = self._answer_message(interaction, callback, content=content)
        self._set_state(interaction, InteractionState.ACKED)
        self._notify_client(interaction, callback, data=data)
        return message

    def edit(self, interaction: Interaction, message: Message, *, content: Content) -> Message:
        """Edit a response, also a deferred one; its visibility never changes."""
        interaction.edits += 1
        return self._state.messages.edit(message, content)

    def post_follow_up(self, interaction: Interaction, content: Content) -> Message:
        """Post a follow-up by the token, as a reply to the response.

        Raise 40094 after the fifth where only the user installed the application.
        """
        if (
            "0" not in interaction.owners
            and len(interaction.followup_ids) >= USER_INSTALL_FOLLOW_UPS
        ):
            raise DiscordError(MAXIMUM_FOLLOW_UPS)
        message = self._state.messages.create(
            self._build_message(
                interaction, content, kind=REPLY, reference_id=interaction.response_id
            )
        )
        interaction.followup_ids.append(message.id)
        self._state.changes.record_change(interaction.id)
        return message

    def list_ids(self) -> set[int]:
        return set(self._by_id)

    def find(self, interaction_id: int | None) -> Interaction | None:
        return self._by_id.get(interaction_id) if interaction_id is not None else None

    def restore(self, interaction: Interaction) -> None:
        """Restore a stored interaction without emitting events."""
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction

    def stop(self) -> None:
        """Cancel all deadlines."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def clear(self) -> None:
        self.stop()
        payload = {"ids": list(self._by_id)}
        self._by_id.clear()
        self._by_token.clear()
        self._state.emit(Event("INTERACTIONS_CLEARED", payload, audience=frozenset()))

    def _answer_message(
        self, interaction: Interaction, callback: CallbackType, *, content: Content | None
    ) -> Message | None:
        """Post or edit the message; its events already need the response's id."""
        messages = self._state.messages
        source = messages.find(interaction.source_message_id)
        if callback in {CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE}:
            interaction.response_id = self._state.ids.make_id()
            draft = self._build_message(
                interaction,
                content or Content(),
                kind=_get_message_type(interaction, source),
                reference_id=source.id if source is not None else None,
                message_id=interaction.response_id,
            )
            return messages.create(draft)
        if callback in {CallbackType.UPDATE, CallbackType.DEFERRED_UPDATE} and source is not None:
            interaction.response_id = source.id
            return messages.edit(source, content) if content is not None else source
        return None

    def _build_message(
        self,
        interaction: Interaction,
        content: Content,
        *,
        kind: int,
        reference_id: int | None,
        message_id: int | None = None,
    ) -> NewMessage:
        ephemeral = content.flags & MessageFlag.EPHEMERAL != 0
        return NewMessage(
            channel_id=interaction.channel_id,
            author_id=self._state.world.bot.id,
            content=content,
            type=kind,
            interaction_id=interaction.id,
            reference_id=reference_id,
            audience=frozenset({interaction.user_id}) if ephemeral else None,
            id=message_id,
        )

    def _expire_unanswered(self, interaction: Interaction) -> None:
        self._timers.pop(interaction.id, None)
        # The check covers an answer that arrives in the same moment as the deadline.
        if interaction.state is InteractionState.SENT:
            self._set_state(
                interaction, InteractionState.FAILED, reason="The application did not respond"
            )

    def _set_state(
        self, interaction: Interaction, state: InteractionState, *, reason: str | None = None
    ) -> None:
        interaction.state = state
        self._state.changes.record_change(interaction.id)
        payload = {
            "nonce": interaction.nonce,
            "interaction_id": str(interaction.id),
            "state": state.value,
        }
        if reason is not None:
            payload["reason"] = reason
        self._notify_invoker(interaction, "INTERACTION_STATE", payload=payload)

    def _notify_client(
        self, interaction: Interaction, callback: CallbackType, *, data: Json | None
    ) -> None:
        own = {"nonce": interaction.nonce, "id": str(interaction.id)}
        if callback is CallbackType.MODAL:
            self._notify_invoker(
                interaction, "INTERACTION_MODAL_CREATE", payload=own | (data or {})
            )
        elif callback is CallbackType.AUTOCOMPLETE:
            name = "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE"
            self._notify_invoker(interaction, name, payload=own | (data or {}))

    def _notify_invoker(self, interaction: Interaction, name: str, *, payload: Json) -> None:
        """Notify the page of the person who invoked; the bot gets no event."""
        self._state.emit(Event(name, payload, audience=frozenset({interaction.user_id})))

    def _sign_token(self, interaction_id: int) -> str:
        secret = hashlib.blake2b(
            str(interaction_id).encode(), key=self._state.key, digest_size=32
        ).hexdigest()
        return base64.urlsafe_b64encode(f"interaction:{interaction_id}:{secret}".encode()).decode()


def _get_message_type(interaction: Interaction, source: Message | None) -> int:
    if interaction.type is InteractionType.COMMAND:
        return CHAT_COMMAND if interaction.data["type"] == CHAT else MENU_COMMAND
    return DEFAULT if source is None else REPLY
