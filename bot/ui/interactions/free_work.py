"""What is asked for without an order: which actions, what they take, and their turn."""

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
    """Not at all: the work is counted, but needs no turn."""
    PRIVATE = auto()
    PUBLIC = auto()
    UPDATE = auto()
    """The message whose button was pressed stays until it is edited."""


@dataclass(frozen=True, slots=True)
class FreeRequest:
    """A piece of free work, `times` as much as usual; with `needs_access` only who may order."""

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
SHARED_FILE: Final = RANDOM_PICTURE
CHAINS: Final = RANDOM_PICTURE
"""All pictures of a server are looked through for its longest chains."""
RANKING: Final = FreeRequest(Work.DRAW, Deferral.NONE, needs_access=False)
USAGE_CHARTS: Final = FreeRequest(Work.RENDER, needs_access=False)
"""Moderators work also where no pictures are ordered."""
CASES: Final = USAGE_CHARTS
PROMPT_TEST: Final = USAGE_CHARTS
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
    # who may not order may still report, delete, and have what is stored about them
    Action.MORE: FreeRequest(Work.READ, Deferral.NONE, needs_access=False),
    Action.EXPORT: FreeRequest(Work.RENDER, needs_access=False),
    Action.ERASE_CONFIRM: FreeRequest(Work.RENDER, Deferral.UPDATE, needs_access=False),
}
"""Components that ask for free work; the router gives them their turn."""


@asynccontextmanager
async def take_turn(
    interaction: Interaction, services: InteractionServices, request: FreeRequest
) -> AsyncIterator[None]:
    """Do free work within the block, when its turn has come; raise a `Refusal` if it may not be.

    The response is deferred before the wait, unless nothing is waited for.
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
