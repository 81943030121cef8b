"""Free work: which commands and components ask for it, what it costs, and taking a turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bot.services.free_work.allowance import Work
from bot.ui.actions import Action
from bot.ui.interactions.responses import Interaction, build_origin
from bot.ui.interactions.services import InteractionServices


class Deferral(Enum):
    """How a response is deferred while the member waits for a turn."""

    NONE = auto()
    """Not deferred: the work is counted, but needs no turn."""
    PRIVATE = auto()
    PUBLIC = auto()
    UPDATE = auto()
    """The message whose button was pressed stays until it is edited."""


@dataclass(frozen=True, slots=True)
class FreeRequest:
    """Free work, `times` as much as usual; with `needs_access` only for members who may order."""

    work: Work
    deferral: Deferral = Deferral.PRIVATE
    needs_access: bool = True
    times: int = 1


_STEP: Final = FreeRequest(Work.DRAW, Deferral.UPDATE)
_CARD: Final = FreeRequest(Work.READ, Deferral.NONE)
_FILE: Final = FreeRequest(Work.RENDER)
PREVIEW: Final = _FILE
HISTORY: Final = _CARD
MESSAGE_MENU: Final = _CARD
RANDOM_PICTURE: Final = FreeRequest(Work.RENDER, Deferral.PUBLIC, needs_access=False)
_FOR_MODERATORS: Final = FreeRequest(Work.RENDER, needs_access=False)
"""Moderators also work in places where nobody may order."""
USAGE_CHARTS: Final = _FOR_MODERATORS
CASES: Final = _FOR_MODERATORS
PROMPT_TEST: Final = _FOR_MODERATORS
SHARED_FILE: Final = RANDOM_PICTURE
CHAINS: Final = RANDOM_PICTURE
"""The query reads all pictures of the server."""
RANKING: Final = FreeRequest(Work.DRAW, Deferral.NONE, needs_access=False)
FREE_ACTIONS: Final = {
    Action.DETAILS: FreeRequest(Work.DRAW),
    Action.OPEN: FreeRequest(Work.DRAW),
    Action.NUDGE: _STEP,
    Action.RATIO: _STEP,
    Action.DRAFT_FORM: _STEP,
    Action.DRAFT_DETAIL: _STEP,
    Action.COMPARE: _FILE,
    Action.SIDE_BY_SIDE: _FILE,
    Action.LOSSLESS_FILE: _FILE,
    Action.RESEND: _FILE,
    Action.FILM: FreeRequest(Work.FILM),
    Action.PAGE: HISTORY,
    Action.PARENT: _CARD,
    Action.SELECT_PICTURE: _CARD,
    Action.DRAFT_ASK: _CARD,
    Action.PROMPT_ASK: _CARD,
    # members who may not order may still report, delete, and export or erase their data
    Action.MORE: FreeRequest(Work.READ, Deferral.NONE, needs_access=False),
    Action.EXPORT: FreeRequest(Work.RENDER, needs_access=False),
    Action.ERASE_CONFIRM: FreeRequest(Work.RENDER, Deferral.UPDATE, needs_access=False),
}
"""Components that ask for free work; the router takes their turn."""


@asynccontextmanager
async def take_turn(
    interaction: Interaction, services: InteractionServices, request: FreeRequest
) -> AsyncIterator[None]:
    """Wait for a turn, then do free work in the block; raise a `Refusal` if it is not allowed.

    The response is deferred before the wait, unless `request` needs no turn.
    """
    origin, free_work = build_origin(interaction), services.free_work
    if request.needs_access:
        await services.member_access.check_access(origin)
    if request.deferral is Deferral.NONE:
        free_work.use_allowance(origin, request.work, request.times)
        yield
        return
    with free_work.request_turn(origin, request.work, request.times) as turn:
        await _defer_response(interaction, request.deferral)
        async with turn.start_work():
            yield


async def _defer_response(interaction: Interaction, deferral: Deferral) -> None:
    if deferral is Deferral.UPDATE:
        await interaction.response.defer()
    else:
        private = deferral is Deferral.PRIVATE
        await interaction.response.defer(ephemeral=private, thinking=True)
