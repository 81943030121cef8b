"""From a press or a filled-in form to what it asks for: seal, permission, handler, words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.domain.ids import DraftId, JobId
from bot.domain.job import Job
from bot.domain.order import Origin, PictureRef
from bot.ui.actions import Action
from bot.ui.authority import check_use, moderates
from bot.ui.buttons import Controls
from bot.ui.desk import Desk
from bot.ui.replies import Interaction, origin_of, refuse
from bot.ui.speech import Speech

_ROUTED: Final = {discord.InteractionType.component, discord.InteractionType.modal_submit}


@dataclass(frozen=True, slots=True)
class Press:
    """A genuine press: `values` are a menu's, `fields` a form's; both come from outside."""

    interaction: Interaction
    desk: Desk
    row: tuple[str, ...]
    values: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]

    @property
    def origin(self) -> Origin:
        return origin_of(self.interaction)

    @property
    def controls(self) -> Controls:
        """Speak to the member who pressed."""
        return self.desk.controls(self.interaction.locale)

    @property
    def say(self) -> Speech:
        return self.controls.say

    @property
    def picture(self) -> PictureRef:
        """The picture that the row begins with."""
        return PictureRef(self.job_id, int(self.row[1]))

    @property
    def job_id(self) -> JobId:
        return JobId(self.row[0])

    @property
    def draft(self) -> DraftId:
        return DraftId(self.row[0])

    def field(self, name: str) -> str:
        """Return what was filled in; empty where nothing was."""
        return next(iter(self.fields.get(name, ())), "")

    def is_author(self, job: Job) -> bool:
        return job.origin.user_id == self.origin.user_id

    def owns(self, user_id: int) -> bool:
        """Say whether the member made what this user made, or moderates the channel."""
        return self.origin.user_id == user_id or moderates(self.interaction)


Handler = Callable[[Press], Awaitable[None]]


class Router:
    """The task that the library starts for an interaction ends here, whatever it raises."""

    def __init__(self, desk: Desk, handlers: Mapping[Action, Handler]) -> None:
        self._desk = desk
        self._handlers = handlers

    async def route(self, interaction: Interaction) -> None:
        """Answer a press or a form; anything else is left alone."""
        if interaction.type not in _ROUTED:
            return
        try:
            await self._handle(interaction)
        except Exception as error:  # noqa: BLE001 - the root of this interaction's task
            await refuse(interaction, error)

    async def _handle(self, interaction: Interaction) -> None:
        data: dict[str, Any] = dict(interaction.data or {})
        mark = self._desk.seal.read(str(data.get("custom_id", "")))
        check_use(interaction)
        press = Press(
            interaction,
            self._desk,
            mark.row,
            tuple(map(str, data.get("values", ()))),
            dict(_fields(data.get("components", ()))),
        )
        await self._handlers[mark.action](press)


def _fields(components: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Walk the rows and labels of a form that was sent in."""
    for component in components:
        if "custom_id" in component:
            values = component.get("values")
            if values is None:
                values = [component.get("value") or ""]
            yield component["custom_id"], tuple(map(str, values))
        yield from _fields(component.get("components", ()))
        if isinstance(component.get("component"), dict):
            yield from _fields([component["component"]])
