"""Runs every act by every member in every place, and compares the answers with the table."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.records import CallbackType
from tests.support.app.card_controls import Json
from tests.support.app_fixture import AppFixture, is_ephemeral, list_media, read_text
from tests.support.authority.acts import DONE, FORM, Act
from tests.support.authority.guilds import build_guilds
from tests.support.authority.requests import RequestSender, expand_acts, list_commands
from tests.support.authority.rights import RIGHTS, Place, Right, Source

_CODE: Final = re.compile(r"code ([a-z_]+)|id ([0-9a-f]{8})")
"""The code of a refusal, or the reference of an unexpected error."""
_WITHOUT_CODE: Final = {
    "Only this bot's operator can use this.": "operator_only",
    "Only who made a picture may bring it into the gallery.": "gallery_not_yours",
    "It was taken out of the gallery before": "gallery_barred",
}
"""Refusals whose answers carry no code."""
_TABLES: Final = (
    *("job", "guild_setting", "act", "report", "approval", "removal", "block", "gallery_entry"),
    "draft",
)
"""What an act without a right could have changed."""
_SEQUENTIAL: Final = {"spoiler/uncover", "unhang"}
"""Acts that change the state on which the next one's right depends, so they run in sequence."""
_SECONDS: Final = 20.0
_PAUSE: Final = 15.0
"""Seconds between two acts of a member, by the bot's clock."""


@dataclass(frozen=True, slots=True)
class Cell:
    act: Act
    source: Source
    place: Place

    @property
    def is_granted(self) -> bool:
        return self.place in RIGHTS[self.act.right][self.source]

    @property
    def expected(self) -> frozenset[str]:
        return self.act.granted if self.is_granted else self.act.refused

    def __str__(self) -> str:
        return f"{self.act.name} by {self.source} in {self.place.name.lower()}"


async def find_differences(app_fixture: AppFixture) -> list[str]:
    """Run the whole matrix in a running sandbox; return what is not as the table says."""
    runner = MatrixRunner(RequestSender(await build_guilds(app_fixture)))
    acts = expand_acts(list_commands(app_fixture.discord.state.commands.all()))
    before = await _read_tables(app_fixture)
    await runner.run_acts(acts, granted=False)
    after = await _read_tables(app_fixture)
    changed = [f"refused acts changed {each}" for each in _TABLES if before[each] != after[each]]
    await runner.run_acts(acts, granted=True)
    return [*changed, *runner.differences, *runner.list_never_done(acts)]


@dataclass(slots=True)
class MatrixRunner:
    """Runs cells; `differences` are the cells with an outcome that the table does not name."""

    sender: RequestSender
    differences: list[str] = field(default_factory=list)
    count: int = 0
    _done: set[str] = field(default_factory=set)

    async def run_acts(self, acts: Iterable[Act], *, granted: bool) -> None:
        """Run the cells with or without the right, all members at once."""
        for act in acts:
            rows = [[cell for cell in row if cell.is_granted is granted] for row in _list_rows(act)]
            if granted and act.name in _SEQUENTIAL:
                await self._run_row([cell for row in rows for cell in row])
            else:
                await asyncio.gather(*(self._run_row(row) for row in rows))

    async def _run_row(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            if cell.is_granted:
                await self.sender.guilds.prepare(cell.act.name)
            # free work is limited per time
            self.sender.guilds.clock.advance(_PAUSE)
            call = await self.sender.send(cell.act, cell.source, cell.place)
            outcome = await _read_outcome(call, is_granted=cell.is_granted)
            self.count += 1
            if outcome not in cell.expected:
                wanted = " or ".join(repr(each) for each in sorted(cell.expected))
                self.differences.append(f"{cell}: {outcome!r}, not {wanted}")
            elif cell.is_granted:
                self._done.add(f"{cell.act.name}: {outcome}")

    def list_never_done(self, acts: Iterable[Act]) -> Iterator[str]:
        """Yield the acts that were never done: nothing is known then of their right."""
        for act in acts:
            wanted = {f"{act.name}: {each}" for each in act.granted}
            if act.right is not Right.NONE and not wanted & self._done:
                yield f"{act.name} was never done"


def _list_rows(act: Act) -> list[list[Cell]]:
    return [[Cell(act, source, place) for place in Place] for source in Source]


async def _read_outcome(call: TrackedInvocation, *, is_granted: bool) -> str:
    """Return the code of the answer, or `shown` for a refusal with pictures or in public."""
    await call.acknowledged()
    if call.interaction.callback is CallbackType.MODAL:
        return FORM
    if call.interaction.callback is CallbackType.UPDATE:
        return DONE
    message = await _wait_for_answer(call)
    text = read_text(message) or message["content"]
    found = _CODE.search(text)
    if not is_granted and (not is_ephemeral(message) or list_media(message)):
        return "shown"
    if found:
        return found[1] or "accident"
    return next((code for start, code in _WITHOUT_CODE.items() if start in text), DONE)


async def _wait_for_answer(call: TrackedInvocation) -> Json:
    """Return the answer; after a deferred update that is a follow-up, or the edited message."""
    if call.interaction.callback is not CallbackType.DEFERRED_UPDATE:
        return await call.message(timeout=_SECONDS)
    async with asyncio.timeout(_SECONDS):
        while not (call.followups or call.edits):  # noqa: ASYNC110 - either of two events
            await asyncio.sleep(0.005)
    return call.followups[0] if call.followups else call.original or {}


async def _read_tables(app_fixture: AppFixture) -> dict[str, list[tuple[Any, ...]]]:
    reader = app_fixture.core.database.reader
    return {
        each: [tuple(row) for row in await reader.fetch_all(f"SELECT * FROM {each}")]  # noqa: S608 - our own names
        for each in _TABLES
    }
