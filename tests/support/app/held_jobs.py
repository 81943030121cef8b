"""Jobs held in a state for as long as a test needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.domain.job import JobState
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.faults import DiscordFault
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload, wait_until

EDIT, POST = "PATCH /webhooks/*", "POST /channels/*/messages"


async def send_order(app_fixture: AppFixture, **options: Any) -> TrackedInvocation:
    given = {"direction": "right", "pixels": 64, **options}
    return await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **given)


async def _hold_reserved(
    app_fixture: AppFixture, seconds: float = 1.5, **options: Any
) -> TrackedInvocation:
    app_fixture.discord.faults.add(DiscordFault("cdn_slow", value=seconds))
    call = await send_order(app_fixture, **options)
    await wait_until(lambda: bool(app_fixture.discord.journal.fault_entries))
    return call


async def _hold_prepared(app_fixture: AppFixture, **options: Any) -> TrackedInvocation:
    call = await _hold_reserved(app_fixture, 0.6, **options)
    await app_fixture.core.admission.pause_orders("a look")
    await app_fixture.wait_for_state(call, JobState.PREPARED)
    return call


async def _hold_submitting(app_fixture: AppFixture, **options: Any) -> TrackedInvocation:
    app_fixture.runware.pause_tasks()
    app_fixture.runware.service_state.faults.add(RunwareFault("accept_503", RunwareStage.SUBMIT))
    call = await send_order(app_fixture, **options)
    await app_fixture.wait_for_state(call, JobState.SUBMITTING)
    return call


async def _hold_submitted(app_fixture: AppFixture, **options: Any) -> TrackedInvocation:
    app_fixture.runware.pause_tasks()
    call = await send_order(app_fixture, **options)
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    return call


async def _hold_rendered(app_fixture: AppFixture, **options: Any) -> TrackedInvocation:
    app_fixture.runware.service_state.faults.add(
        RunwareFault("media_503", RunwareStage.MEDIA, times=0)
    )
    call = await send_order(app_fixture, **options)
    await app_fixture.wait_for_state(call, JobState.RENDERED)
    return call


async def _hold_stored(app_fixture: AppFixture, **options: Any) -> TrackedInvocation:
    app_fixture.discord.faults.add(DiscordFault("reset", match=EDIT, times=0))
    call = await send_order(app_fixture, **options)
    await app_fixture.wait_for_state(call, JobState.STORED)
    return call


HOLD_IN_STATE: dict[JobState, Callable[..., Awaitable[TrackedInvocation]]] = {
    JobState.RESERVED: _hold_reserved,
    JobState.PREPARED: _hold_prepared,
    JobState.SUBMITTING: _hold_submitting,
    JobState.SUBMITTED: _hold_submitted,
    JobState.RENDERED: _hold_rendered,
    JobState.STORED: _hold_stored,
}
"""For each lasting state, how to make an order stop in it."""
UNPAID = frozenset({JobState.RESERVED, JobState.PREPARED})


async def release_jobs(app_fixture: AppFixture) -> None:
    """Remove everything that holds jobs."""
    app_fixture.discord.faults.clear()
    app_fixture.runware.service_state.faults.clear()
    app_fixture.runware.resume_tasks()
    await app_fixture.core.admission.resume_orders()
