"""Routing of component and form interactions: signature, permission, owner, turn, handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.domain.job import Job
from bot.domain.order import Origin
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations
from bot.ui.interactions.free_work import FREE_ACTIONS, take_turn
from bot.ui.interactions.permissions import can_moderate_job, check_invoker
from bot.ui.interactions.responses import Interaction, build_origin, respond_with_error
from bot.ui.interactions.services import InteractionServices
from bot.ui.views.base import build_note
from bot.ui.views.components import Controls

_ROUTED_TYPES: Final = {discord.InteractionType.component, discord.InteractionType.modal_submit}
_MESSAGE_OVERHEAD: Final = 64 * 1024
"""Bytes left for the rest of a message with a file."""


@dataclass(frozen=True, slots=True)
class ComponentEvent:
    """A verified component event; a menu's `values` and a form's `fields` are untrusted input."""

    interaction: Interaction
    services: InteractionServices
    values: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]

    @property
    def origin(self) -> Origin:
        return build_origin(self.interaction)

    @property
    def controls(self) -> Controls:
        """Controls in the member's language."""
        return self.services.build_controls(self.interaction.locale)

    @property
    def gettext(self) -> Translations:
        return self.controls.gettext

    @property
    def file_limit(self) -> int:
        """The maximum size in bytes of a file in a response."""
        return self.interaction.filesize_limit - _MESSAGE_OVERHEAD

    @property
    def chosen_channels(self) -> frozenset[int]:
        """IDs of the channels chosen in a menu, as Discord found them; the bot may not see them."""
        data: dict[str, Any] = dict(self.interaction.data or {})
        return frozenset(map(int, data.get("resolved", {}).get("channels", {})))

    def get_field(self, name: str) -> str:
        """Return a form field's first value, or an empty text."""
        return next(iter(self.fields.get(name, ())), "")

    def list_files(self, name: str) -> list[discord.Attachment]:
        """Return the files of a form's upload field; raise `ComponentRefused` for unknown ones."""
        data: dict[str, Any] = dict(self.interaction.data or {})
        known = data.get("resolved", {}).get("attachments", {})
        ids = self.fields.get(name, ())
        if not set(ids) <= set(known):
            raise ComponentRefused(ComponentReason.FORGED)
        # discord.py resolves files only for forms that it keeps in memory
        state = self.interaction._state  # noqa: SLF001
        return [discord.Attachment(data=known[each], state=state) for each in ids]

    async def show_note(self, content: str) -> None:
        """Replace the response with a text."""
        await self.interaction.edit_original_response(view=build_note(content))

    def is_author(self, job: Job) -> bool:
        return job.origin.user_id == self.origin.user_id

    def can_manage(self, job: Job) -> bool:
        """Return whether the member ordered the job or may manage messages in its channel."""
        return self.is_author(job) or can_moderate_job(self.interaction, job)


Handler = Callable[[ComponentEvent, Any], Awaitable[None]]
"""Called with an event and its action's payload, of the type in `PAYLOADS`."""


class ComponentRouter:
    """Verifies component interactions and calls the handler of their action.

    `ownership_checks` raise a `Refusal` for a member whose press must not count as free work.
    """

    def __init__(
        self,
        services: InteractionServices,
        handlers: Mapping[Action, Handler],
        ownership_checks: Mapping[Action, Handler],
    ) -> None:
        self._services = services
        self._handlers = handlers
        self._ownership_checks = ownership_checks

    async def route(self, interaction: Interaction) -> None:
        """Handle a component or form interaction; ignore other types."""
        if interaction.type not in _ROUTED_TYPES:
            return
        try:
            await self._handle_event(interaction)
        except Exception as error:  # noqa: BLE001 - the root of this interaction's task
            await respond_with_error(interaction, error)

    async def _handle_event(self, interaction: Interaction) -> None:
        data: dict[str, Any] = dict(interaction.data or {})
        action, payload = self._services.codec.decode(str(data.get("custom_id", "")))
        # Discord checks the permission for commands only, not for components
        check_invoker(interaction)
        event = ComponentEvent(
            interaction,
            self._services,
            tuple(map(str, data.get("values", ()))),
            dict(_iterate_fields(data.get("components", ()))),
        )
        handler, request = self._handlers[action], FREE_ACTIONS.get(action)
        if request is None:
            await handler(event, payload)
            return
        if check_owner := self._ownership_checks.get(action):
            await check_owner(event, payload)
        async with take_turn(interaction, self._services, request):
            await handler(event, payload)


def _iterate_fields(components: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield ID and values of each field, through the rows and labels of a submitted form."""
    for component in components:
        if "custom_id" in component:
            values = component.get("values")
            if values is None:
                values = [component.get("value") or ""]
            yield component["custom_id"], tuple(map(str, values))
        yield from _iterate_fields(component.get("components", ()))
        if isinstance(component.get("component"), dict):
            yield from _iterate_fields([component["component"]])
