"""Keep a local Discord in a folder: what changed is written within moments, off the loop."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sandbox.discord import records, snowflakes
from sandbox.discord.command_permissions import Overrides
from sandbox.discord.emojis import Emoji
from sandbox.discord.entitlements import Entitlement
from sandbox.discord.events import Event
from sandbox.discord.models import Attachment, Interaction, InteractionState, Message
from sandbox.discord.settings import Settings
from sandbox.discord.shelf import PART, Records, Shelf
from sandbox.discord.webhooks import Webhook
from sandbox.discord.world import World

if TYPE_CHECKING:
    from sandbox.discord.state import State

_EVERY_S = 0.2  # how long a change may wait for others to be written with it
# The stores of few records: each is written as a whole, by its name in the state.
_STORES: dict[str, type] = {
    "webhooks": Webhook,
    "emojis": Emoji,
    "entitlements": Entitlement,
    "command_permissions": Overrides,
}
_IDS = ("id", "message_id", "interaction_id")
log = logging.getLogger(__name__)
Change = tuple[str, str, Any]


@asynccontextmanager
async def kept(state: "State", shelf: Shelf) -> AsyncIterator[None]:
    """Restore what the shelf holds, then keep every change; the last ones at the end."""
    found, files = await asyncio.to_thread(shelf.read)
    keeper = Keeper(state, shelf)
    keeper.restore(found, files)
    await asyncio.to_thread(shelf.rewrite, keeper.everything())
    stop = state.subscribe(keeper.hear)
    writer = asyncio.create_task(keeper.run(), name="keeping")
    try:
        yield
    finally:
        stop()
        keeper.stop()
        await writer
        await keeper.write()


class Keeper:
    """Note which records changed, and write those."""

    def __init__(self, state: "State", shelf: Shelf) -> None:
        self._state = state
        self._shelf = shelf
        self._changed: set[int] = set()
        self._written: Records = {}
        self._some = asyncio.Event()
        self._stopping = asyncio.Event()

    def hear(self, event: Event) -> None:
        """Note the ids that an event names; which of them are records is seen when writing."""
        payload = event.payload
        for name in _IDS:
            if (number := snowflakes.parse(payload.get(name))) is not None:
                self._changed.add(number)
        for each in payload.get("ids") or ():
            self._changed.add(int(each))
        self._some.set()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopping.set()
        self._some.set()

    async def run(self) -> None:
        """Write whenever something changed, until `stop`."""
        while not self._stopping.is_set():
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _EVERY_S)
            try:
                await self.write()
            except OSError:
                log.exception("keeping failed; what changes next is tried again")

    async def write(self) -> None:
        """Write what changed since the last time."""
        self._some.clear()
        known = self._state.files.all()
        fresh = {number: known[number].data for number in known.keys() - self._shelf.names}
        gone = set(self._shelf.names - known.keys())
        changes = [*self._files(fresh.keys() | gone), *self._records(), *self._parts()]
        if changes:
            await asyncio.to_thread(self._shelf.write, changes, fresh, gone)

    def everything(self) -> Records:
        """Return every record, as a new log begins."""
        self._changed |= self._state.messages.ids() | self._state.interactions.ids()
        changes = [*self._files(self._state.files.all()), *self._records(), *self._parts()]
        return {(kind, number): value for kind, number, value in changes}

    def _files(self, numbers: Iterable[int]) -> Iterator[Change]:
        known = self._state.files.all()
        for number in numbers:
            attachment = known.get(number)
            value = None if attachment is None else records.dump(attachment)
            yield "file", str(number), value

    def _records(self) -> Iterator[Change]:
        """Take the changed records, each with the interaction that it came of."""
        changed, self._changed = self._changed, set()
        state = self._state
        messages = [(each, state.messages.find(each)) for each in changed]
        changed |= {m.interaction_id for _, m in messages if m is not None and m.interaction_id}
        for number, message in messages:
            yield from self._record("message", number, message)
        for number in changed:
            yield from self._record("interaction", number, state.interactions.find(number))

    def _record(
        self, kind: str, number: int, record: Message | Interaction | None
    ) -> Iterator[Change]:
        place = (kind, str(number))
        if record is not None:
            self._written[place] = True
            yield *place, records.dump(record)
        elif self._written.pop(place, None):
            yield *place, None

    def _parts(self) -> Iterator[Change]:
        """Take the few things of which there is one, if they are not as they were."""
        world = records.dump(self._state.world)
        del world["token"]
        parts = {
            "world": world,
            "settings": records.dump(self._state.settings),
            "commands": self._state.commands.kept(),
            **{name: records.dump(getattr(self._state, name).all()) for name in _STORES},
        }
        for name, value in parts.items():
            if self._written.get((PART, name)) != value:
                self._written[PART, name] = value
                yield PART, name, value

    def restore(self, found: Records, files: dict[int, bytes]) -> None:
        """Put records back without telling anybody; one that makes no sense is left out."""
        in_order = sorted(found.items(), key=lambda item: _age(*item[0]))
        for (kind, number), raw in in_order:
            try:
                self._restore(kind, number, raw, files=files)
            except (KeyError, TypeError, ValueError, AttributeError):
                log.warning("kept record left out", extra={"kind": kind, "number": number})
        self._state.ids.continue_after(max((int(n) for k, n in found if k != PART), default=0))

    def _restore(self, kind: str, number: str, raw: Any, *, files: dict[int, bytes]) -> None:
        state = self._state
        match kind:
            case "message":
                state.messages.restore(records.load(Message, raw, files))
            case "file":
                state.files.keep(records.load(Attachment, raw, files))
            case "interaction":
                interaction: Interaction = records.load(Interaction, raw, files)
                if interaction.state is InteractionState.SENT:
                    interaction.state = InteractionState.FAILED  # its three seconds are over
                state.interactions.restore(interaction)
            case _:
                self._restore_part(number, raw)

    def _restore_part(self, name: str, raw: Any) -> None:
        state = self._state
        if name == "world":
            world: World = records.load(World, raw | {"token": state.world.token}, {})
            for each in fields(World):
                setattr(state.world, each.name, getattr(world, each.name))
            state.permissions_changed()
        elif name == "settings":
            state.settings = records.load(Settings, raw, {})
        elif name == "commands":
            state.commands.restore(raw)
        elif name in _STORES:
            kept = [records.load(_STORES[name], each, {}) for each in raw]
            getattr(state, name).restore(kept)


def _age(kind: str, number: str) -> int:
    """Put a channel's messages in their order, and the few parts before them."""
    return 0 if kind == PART else int(number)
