"""Persist a local Discord in a folder: changes are written soon, in a thread."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sandbox.discord.model import snowflakes
from sandbox.discord.model.events import Event
from sandbox.discord.model.limits import DiscordLimits
from sandbox.discord.model.records import Attachment, Interaction, InteractionState, Message
from sandbox.discord.model.seed_data import World
from sandbox.discord.persistence import serialization
from sandbox.discord.persistence.record_log import PART_KIND, RecordLog, Records
from sandbox.discord.state.command_permissions import CommandOverrides
from sandbox.discord.state.emojis import Emoji
from sandbox.discord.state.entitlements import Entitlement
from sandbox.discord.state.webhooks import Webhook

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

_WRITE_INTERVAL_S = 0.2  # how long a change waits for others to be written with it
# Small stores, each written as a whole under its name in the state.
_STORES: dict[str, type] = {
    "webhooks": Webhook,
    "emojis": Emoji,
    "entitlements": Entitlement,
    "command_permissions": CommandOverrides,
}
_IDS = ("id", "message_id", "interaction_id")
log = logging.getLogger(__name__)
RecordChange = tuple[str, str, Any]


@asynccontextmanager
async def persist_state(state: "State", record_log: RecordLog) -> AsyncIterator[None]:
    """Restore what the log holds, then persist every change, the last ones at the end."""
    found, files = await asyncio.to_thread(record_log.read_all)
    state_writer = StateWriter(state, record_log)
    state_writer.restore_records(found, files)
    # Compact the log: superseded lines go, and a line cut off by a crash too.
    await asyncio.to_thread(record_log.rewrite_log, state_writer.collect_all())
    stop = state.subscribe(state_writer.record_event)
    writer = asyncio.create_task(state_writer.run(), name="keeping")
    try:
        yield
    finally:
        stop()
        state_writer.stop()
        await writer
        await state_writer.write_changes()


class StateWriter:
    """Track changed records, and write them."""

    def __init__(self, state: "State", record_log: RecordLog) -> None:
        self._state = state
        self._record_log = record_log
        self._changed: set[int] = set()
        self._written: Records = {}
        self._has_changes = asyncio.Event()
        self._stopping = asyncio.Event()

    def record_event(self, event: Event) -> None:
        """Note the ids that an event names; which of them are records shows when writing."""
        payload = event.payload
        for name in _IDS:
            if (number := snowflakes.parse_snowflake(payload.get(name))) is not None:
                self._changed.add(number)
        for each in payload.get("ids") or ():
            self._changed.add(int(each))
        self._has_changes.set()

    def stop(self) -> None:
        """Make `run` return."""
        self._stopping.set()
        self._has_changes.set()

    async def run(self) -> None:
        """Write whenever something changed, until `stop`."""
        while not self._stopping.is_set():
            await self._has_changes.wait()
            # Waits for further changes, so that a burst is written together.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _WRITE_INTERVAL_S)
            try:
                await self.write_changes()
            except OSError:
                log.exception("keeping failed; what changes next is tried again")

    async def write_changes(self) -> None:
        # Cleared before collecting: a change during the write causes another write.
        self._has_changes.clear()
        known = self._state.files.all()
        fresh = {number: known[number].data for number in known.keys() - self._record_log.file_ids}
        deleted = set(self._record_log.file_ids - known.keys())
        changes = [
            *self._collect_files(fresh.keys() | deleted),
            *self._collect_records(),
            *self._collect_parts(),
        ]
        if changes:
            await asyncio.to_thread(self._record_log.write_changes, changes, fresh, deleted)

    def collect_all(self) -> Records:
        """Return all records, for a new log."""
        self._changed |= self._state.messages.list_ids() | self._state.interactions.list_ids()
        changes = [
            *self._collect_files(self._state.files.all()),
            *self._collect_records(),
            *self._collect_parts(),
        ]
        return {(kind, number): value for kind, number, value in changes}

    def _collect_files(self, numbers: Iterable[int]) -> Iterator[RecordChange]:
        known = self._state.files.all()
        for number in numbers:
            attachment = known.get(number)
            value = None if attachment is None else serialization.dump_record(attachment)
            yield "file", str(number), value

    def _collect_records(self) -> Iterator[RecordChange]:
        """Return the changed records, with the interactions that their messages belong to."""
        changed, self._changed = self._changed, set()
        state = self._state
        messages = [(each, state.messages.find(each)) for each in changed]
        changed |= {m.interaction_id for _, m in messages if m is not None and m.interaction_id}
        for number, message in messages:
            yield from self._collect_record("message", number, message)
        for number in changed:
            yield from self._collect_record("interaction", number, state.interactions.find(number))

    def _collect_record(
        self, kind: str, number: int, record: Message | Interaction | None
    ) -> Iterator[RecordChange]:
        place = (kind, str(number))
        if record is not None:
            self._written[place] = True
            yield *place, serialization.dump_record(record)
        elif self._written.pop(place, None):
            yield *place, None

    def _collect_parts(self) -> Iterator[RecordChange]:
        """Return the parts that exist once, as far as they changed."""
        world = serialization.dump_record(self._state.world)
        del world["token"]  # not stored: given at each start
        parts = {
            "world": world,
            "settings": serialization.dump_record(self._state.settings),
            "commands": self._state.commands.export_scopes(),
            **{
                name: [serialization.dump_record(each) for each in getattr(self._state, name).all()]
                for name in _STORES
            },
        }
        for name, value in parts.items():
            if self._written.get((PART_KIND, name)) != value:
                self._written[PART_KIND, name] = value
                yield PART_KIND, name, value

    def restore_records(self, found: Records, files: dict[int, bytes]) -> None:
        """Restore records without emitting events; invalid ones are skipped."""
        in_order = sorted(found.items(), key=lambda item: _get_restore_order(*item[0]))
        for (kind, number), raw in in_order:
            try:
                self._restore_record(kind, number, raw, files=files)
            except (KeyError, TypeError, ValueError, AttributeError):
                log.warning("kept record left out", extra={"kind": kind, "number": number})
        # New ids must not repeat stored ones, even if the clock was set back.
        self._state.ids.continue_after(max((int(n) for k, n in found if k != PART_KIND), default=0))

    def _restore_record(self, kind: str, number: str, raw: Any, *, files: dict[int, bytes]) -> None:
        state = self._state
        match kind:
            case "message":
                state.messages.restore(serialization.load_record(Message, raw, files))
            case "file":
                state.files.save(serialization.load_record(Attachment, raw, files))
            case "interaction":
                interaction: Interaction = serialization.load_record(Interaction, raw, files)
                if interaction.state is InteractionState.SENT:
                    interaction.state = InteractionState.FAILED  # its three seconds are over
                state.interactions.restore(interaction)
            case _:
                self._restore_part(number, raw)

    def _restore_part(self, name: str, raw: Any) -> None:
        state = self._state
        if name == "world":
            world: World = serialization.load_record(World, raw | {"token": state.world.token}, {})
            for each in fields(World):
                setattr(state.world, each.name, getattr(world, each.name))
            state.refresh_permissions()
        elif name == "settings":
            state.settings = serialization.load_record(DiscordLimits, raw, {})
        elif name == "commands":
            state.commands.restore(raw)
        elif name in _STORES:
            records = [serialization.load_record(_STORES[name], each, {}) for each in raw]
            getattr(state, name).restore(records)


def _get_restore_order(kind: str, number: str) -> int:
    """Order parts before records, and records by id, so that messages are in order."""
    return 0 if kind == PART_KIND else int(number)
