"""One invocation, as a test follows it: when it was answered and with what."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sandbox.discord.model.events import Event
from sandbox.discord.model.records import (
    CallbackType,
    Interaction,
    InteractionState,
    Json,
    MessageFlag,
)
from sandbox.discord.state import payloads_interaction as interaction_payloads

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

Predicate = Callable[[Json], bool]
TIMEOUT_S = 10.0
_REACTION_S = 0.005


def is_finished(message: Json) -> bool:
    """Tell whether a message is complete, not "thinking" any more."""
    return not message["flags"] & MessageFlag.LOADING


class TrackedInvocation:
    """Follow one interaction."""

    def __init__(self, state: "State", interaction: Interaction) -> None:
        self._state = state
        self.interaction = interaction

    @property
    def id(self) -> int:
        return self.interaction.id

    @property
    def state(self) -> InteractionState:
        return self.interaction.state

    @property
    def ack_ms(self) -> float | None:
        """Return the milliseconds from invocation to the bot's first answer; None before it."""
        acked = self.interaction.acked_at
        return None if acked is None else (acked - self.interaction.created_at) * 1000

    @property
    def edits(self) -> int:
        """Return how often the bot edited its response or a follow-up."""
        return self.interaction.edits

    @property
    def ephemeral(self) -> bool | None:
        """Return whether only the member sees the response; None before there is one."""
        original = self.original
        return None if original is None else bool(original["flags"] & MessageFlag.EPHEMERAL)

    @property
    def original(self) -> Json | None:
        """Return the current response: a new message, or the updated one that was clicked on."""
        return self.record()["message"]  # type: ignore[no-any-return]  # JSON

    @property
    def followups(self) -> list[Json]:
        return self.record()["followups"]  # type: ignore[no-any-return]  # JSON

    def record(self) -> Json:
        """Return the whole record, as in the control API."""
        return interaction_payloads.build_record(self._state, self.interaction)

    async def acknowledged(self, timeout: float = TIMEOUT_S) -> float:  # noqa: ASYNC109 - named by the contract
        """Wait for the first answer; return its milliseconds; raise TimeoutError if none comes."""
        async with asyncio.timeout(timeout):
            while self.interaction.state is InteractionState.SENT:
                since = self._state.changes.get_version(self.id)
                # Checked again after reading the version, so that no change between them is missed.
                if self.interaction.state is InteractionState.SENT:
                    await self._state.changes.wait_for_change(
                        (self.id,), since=since, timeout=timeout
                    )
        if self.ack_ms is None:
            raise TimeoutError("the application did not respond")
        return self.ack_ms

    async def modal(self, timeout: float = TIMEOUT_S) -> Json:  # noqa: ASYNC109 - named by the contract
        """Wait for the modal that the bot opens; pass it to `MemberActor.submit`."""
        modal = await self._wait_for_callback(CallbackType.MODAL, timeout)
        await _wait_reaction_time()
        channel_id = str(self.interaction.channel_id)
        return modal | {"id": str(self.id), "channel_id": channel_id}

    async def choices(self, timeout: float = TIMEOUT_S) -> list[Json]:  # noqa: ASYNC109 - named by the contract
        """Wait for the bot's suggestions for an autocompleted option."""
        answer = await self._wait_for_callback(CallbackType.AUTOCOMPLETE, timeout)
        return list(answer["choices"])

    async def _wait_for_callback(self, kind: CallbackType, timeout: float) -> Json:  # noqa: ASYNC109 - as above
        await self.acknowledged(timeout)
        callback, data = self.interaction.callback, self.interaction.callback_data
        if callback is not kind or data is None:
            raise LookupError(f"the bot answered by {callback!r}, not by {kind!r}")
        return data

    async def message(
        self,
        until: Predicate = is_finished,
        timeout: float = TIMEOUT_S,  # noqa: ASYNC109 - named by the contract
    ) -> Json:
        """Wait until `until` is true for the response, a follow-up or a later message; return it.

        After a deferred update, the clicked message is already the response: pass an `until` then.
        """
        for candidate in self._list_candidates():
            if until(candidate):
                await _wait_reaction_time()
                return candidate
        found: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        unsubscribe = self._state.subscribe(
            lambda event: self._check_event(event, until, found=found)
        )
        try:
            async with asyncio.timeout(timeout):
                version = await found
        finally:
            unsubscribe()
        await _wait_reaction_time()
        return version

    def _list_candidates(self) -> Iterator[Json]:
        record = self.record()
        if record["message"] is not None:
            yield record["message"]
        yield from record["followups"]
        yield from record["channel_messages"]

    def _check_event(
        self, event: Event, until: Predicate, *, found: "asyncio.Future[Json]"
    ) -> None:
        """Check each version when its event is emitted, so that none is missed."""
        if found.done() or event.name not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
            return
        if not self._is_related(event.payload):
            return
        try:
            satisfied = until(event.payload)
        except Exception as error:  # noqa: BLE001 - the test's own predicate: hand it its error
            found.set_exception(error)
        else:
            if satisfied:
                found.set_result(event.payload)

    def _is_related(self, payload: Json) -> bool:
        origin = payload.get("interaction_metadata")
        if origin is not None:
            return bool(origin["id"] == str(self.id)) or payload["id"] == str(
                self.interaction.response_id
            )
        world = self._state.world
        return (
            payload["author"]["id"] == str(world.bot.id)
            and payload["channel_id"] == str(self.interaction.channel_id)
            and int(payload["id"]) > self.id
        )


async def _wait_reaction_time() -> None:
    """Give the bot the moment that every person takes to react.

    Libraries register a view or modal only after reading Discord's answer to it; an instant click
    would find nothing registered.
    """
    await asyncio.sleep(_REACTION_S)
    for _ in range(10):
        await asyncio.sleep(0)
