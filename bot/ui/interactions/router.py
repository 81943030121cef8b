"""From a press or a filled-in form to what it asks for: seal, permission, handler, words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.domain.job import Job
from bot.domain.order import Origin
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations
from bot.ui.interactions.permissions import can_moderate, check_command_permission
from bot.ui.interactions.responses import Interaction, build_origin, respond_with_error
from bot.ui.interactions.services import InteractionServices
from bot.ui.views.base import build_note
from bot.ui.views.components import Controls

_ROUTED_TYPES: Final = {discord.InteractionType.component, discord.InteractionType.modal_submit}


@dataclass(frozen=True, slots=True)
class ComponentEvent:
    """A genuine press: `values` are a menu's, `fields` a form's; both come from outside."""

    interaction: Interaction
    services: InteractionServices
    values: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]

    @property
    def origin(self) -> Origin:
        return build_origin(self.interaction)

    @property
    def controls(self) -> Controls:
        """Speak to the member who pressed."""
        return self.services.build_controls(self.interaction.locale)

    @property
    def gettext(self) -> Translations:
        return self.controls.gettext

    def get_field(self, name: str) -> str:
        """Return what was filled in; empty where nothing was."""
        return next(iter(self.fields.get(name, ())), "")

    async def show_note(self, content: str) -> None:
        """Make a few words the answer, in place of what stands there."""
        await self.interaction.edit_original_response(view=build_note(content))

    def is_author(self, job: Job) -> bool:
        return job.origin.user_id == self.origin.user_id

    def can_manage(self, user_id: int) -> bool:
        """Say whether the member made what this user made, or moderates the channel."""
        return self.origin.user_id == user_id or can_moderate(self.interaction)


Handler = Callable[[ComponentEvent, Any], Awaitable[None]]
"""Called with a press and the payload of its action, of the type that `PAYLOADS` names."""


class ComponentRouter:
    """The task that the library starts for an interaction ends here, whatever it raises."""

    def __init__(self, services: InteractionServices, handlers: Mapping[Action, Handler]) -> None:
        self._services = services
        self._handlers = handlers

    async def route(self, interaction: Interaction) -> None:
        """Answer a press or a form; anything else is left alone."""
        if interaction.type not in _ROUTED_TYPES:
            return
        try:
            await self._handle_event(interaction)
        except Exception as error:  # noqa: BLE001 - the root of this interaction's task
            await respond_with_error(interaction, error)

    async def _handle_event(self, interaction: Interaction) -> None:
        data: dict[str, Any] = dict(interaction.data or {})
        action, payload = self._services.codec.decode(str(data.get("custom_id", "")))
        check_command_permission(interaction)
        event = ComponentEvent(
            interaction,
            self._services,
            tuple(map(str, data.get("values", ()))),
            dict(_iterate_fields(data.get("components", ()))),
        )
        await self._handlers[action](event, payload)


def _iterate_fields(components: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Walk the rows and labels of a form that was sent in."""
    for component in components:
        if "custom_id" in component:
            values = component.get("values")
            if values is None:
                values = [component.get("value") or ""]
            yield component["custom_id"], tuple(map(str, values))
        yield from _iterate_fields(component.get("components", ()))
        if isinstance(component.get("component"), dict):
            yield from _iterate_fields([component["component"]])
