"""Time between presses in tests in which one member presses often: free work has a budget."""

from __future__ import annotations

from tests.support.app_fixture import AppFixture, wait_until
from tests.support.clocks import ScaledClock

SECONDS_BETWEEN = 15.0
"""A film, the most expensive free work, takes the tokens of twelve seconds."""


async def let_time_pass(app_fixture: AppFixture) -> None:
    """Wait until no free work is left, and advance the clocks of the bot and Discord."""
    free_work = app_fixture.app.interactions.free_work
    await wait_until(lambda: not free_work._open)
    assert isinstance(app_fixture.clock, ScaledClock)
    for each in (app_fixture.clock, app_fixture.discord.clock):
        each.advance(SECONDS_BETWEEN)
