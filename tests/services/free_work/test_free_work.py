"""Turns of free work by values: who comes next, who is refused, and what frees a place."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.ids import GuildId, UserId
from bot.domain.order import Origin
from bot.errors import FreeWorkLimit, FreeWorkRefused
from bot.services.free_work.allowance import Work
from bot.services.free_work.free_work import FreeWork
from tests.support.clocks import LoopClock
from tests.support.job_builders import build_job

pytestmark = pytest.mark.virtual_time
EACH = 1.0
"""Seconds that a piece of work takes in these tests."""


def build_origin(guild: int, user: int) -> Origin:
    return replace(build_job().origin, guild_id=GuildId(guild), user_id=UserId(user))


class Workload:
    """Members who ask for work of a second each; `log` has who was served and when."""

    def __init__(self, places: int) -> None:
        self.free_work = FreeWork(LoopClock(), places)
        self.log: list[tuple[str, float]] = []
        self.refusals: list[tuple[str, FreeWorkLimit]] = []

    async def ask(self, name: str, work: Work = Work.READ, seconds: float = EACH) -> None:
        """Ask as `a1`, user 1 of guild a."""
        origin = build_origin(ord(name[0]), int(name[1:]))
        try:
            with self.free_work.request_turn(origin, work) as turn:
                async with turn.start_work():
                    await asyncio.sleep(seconds)
                    self.log.append((name, asyncio.get_running_loop().time()))
        except FreeWorkRefused as refused:
            self.refusals.append((name, refused.limit))

    async def ask_all(self, names: str) -> list[str]:
        """Ask for all at the same time; return who was served, in order."""
        await asyncio.gather(*map(self.ask, names.split()))
        return [name for name, _ in self.log]


@pytest.mark.parametrize(
    ("came", "served"),
    [
        ("a1 a1 a1 a2", "a1 a2 a1 a1"),
        ("a1 a1 a1 a2 a2 b3", "a1 b3 a2 a1 a2 a1"),
        ("a1 a2 a3 a4 b5", "a1 b5 a2 a3 a4"),
    ],
)
async def test_guilds_and_in_them_members_take_turns(came: str, served: str) -> None:
    workload = Workload(places=1)
    # the place is taken by a guild of its own, so that all of these wait
    assert await workload.ask_all(f"z9 {came}") == ["z9", *served.split()]


async def test_a_member_has_one_at_a_time_however_many_places_are_free() -> None:
    workload = Workload(places=3)
    await workload.ask_all("a1 a1 a1 a2")
    assert workload.log == [("a1", 1.0), ("a2", 1.0), ("a1", 2.0), ("a1", 3.0)]


async def test_no_more_are_in_hand_than_there_are_places() -> None:
    workload = Workload(places=3)
    await workload.ask_all(" ".join(f"a{number}" for number in range(9)))
    assert Counter(at for _, at in workload.log) == {1.0: 3, 2.0: 3, 3.0: 3}


async def test_a_member_may_have_two_waiting_beside_one_in_hand() -> None:
    workload = Workload(places=1)
    await workload.ask_all("a1 a1 a1 a1 a1 a2")
    assert Counter(name for name, _ in workload.log) == {"a1": 3, "a2": 1}
    assert workload.refusals == [("a1", FreeWorkLimit.OWN)] * 2
    await workload.ask_all("a1")
    assert len(workload.refusals) == 2


async def test_sixty_may_wait_and_the_next_is_told_when_to_come_back() -> None:
    workload = Workload(places=2)
    names = [f"a{number}" for number in range(62)]
    asking = [asyncio.create_task(workload.ask(name, seconds=0.5)) for name in names]
    await asyncio.sleep(0)
    with (
        pytest.raises(FreeWorkRefused) as refused,
        workload.free_work.request_turn(build_origin(ord("a"), 99), Work.READ),
    ):
        pass
    assert refused.value.limit is FreeWorkLimit.ALL
    assert refused.value.retry_at == datetime.fromtimestamp(30, UTC)
    await asyncio.gather(*asking)
    assert len(workload.log) == 62


async def test_one_guild_cannot_fill_the_queue_for_others() -> None:
    workload = Workload(places=2)
    names = [f"a{number}" for number in range(62)]
    asking = [asyncio.create_task(workload.ask(name, seconds=0.5)) for name in names]
    await asyncio.sleep(0)
    await workload.ask("b1", seconds=0.5)
    await asyncio.gather(*asking)
    # a has the first turn after the two that were served at once, then b; a's latest made room
    assert workload.log[2:4] == [("a2", 1.0), ("b1", 1.0)]
    assert workload.refusals == [("a61", FreeWorkLimit.ALL)]
    assert len(workload.log) == 62


async def test_a_full_queue_is_shared_evenly_and_then_closed() -> None:
    workload = Workload(places=1)
    asking = []
    for guild in "ab":
        names = [f"{guild}{number}" for number in range(61)]
        asking += [asyncio.create_task(workload.ask(name)) for name in names]
        await asyncio.sleep(0.1)
    refused = Counter(name[0] for name, _ in workload.refusals)
    # a has one in hand and 30 waiting, b 30 waiting and one that would only have changed places
    assert (refused["a"], refused["b"]) == (30, 31)
    await asyncio.gather(*asking)
    assert len(workload.log) == 61


async def test_too_much_within_a_minute_is_refused_until_the_tokens_are_back() -> None:
    workload = Workload(places=1)
    for _ in range(5):
        await workload.ask("a1", Work.FILM, seconds=0.0)
    with (
        pytest.raises(FreeWorkRefused) as refused,
        workload.free_work.request_turn(build_origin(ord("a"), 1), Work.FILM),
    ):
        pass
    assert refused.value.limit is FreeWorkLimit.RATE
    assert refused.value.retry_at == datetime.fromtimestamp(12, UTC)
    await asyncio.sleep(12)
    await workload.ask("a1", Work.FILM)
    assert len(workload.log) == 6


async def test_nobody_waits_longer_than_a_minute() -> None:
    workload = Workload(places=1)
    await asyncio.gather(workload.ask("a1", seconds=100.0), workload.ask("a2"))
    assert workload.refusals == [("a2", FreeWorkLimit.ALL)]
    assert workload.log == [("a1", 100.0)]


async def test_work_that_never_ends_is_given_up_and_frees_its_place() -> None:
    workload = Workload(places=1)
    stuck = asyncio.create_task(workload.ask("a1", seconds=1e9))
    await asyncio.sleep(110)
    await workload.ask("a2")
    await stuck
    assert workload.refusals == [("a1", FreeWorkLimit.ALL)]
    assert workload.log == [("a2", 121.0)]


async def test_a_failing_piece_frees_its_place_and_its_own_time_out_stays_one() -> None:
    workload = Workload(places=1)
    for error in (ValueError, TimeoutError):
        with (
            pytest.raises(error),
            workload.free_work.request_turn(build_origin(1, 1), Work.READ) as turn,
        ):
            async with turn.start_work():
                raise error
    assert await workload.ask_all("a1 a2") == ["a1", "a2"]


async def test_a_response_that_could_not_be_deferred_leaves_the_queue() -> None:
    workload = Workload(places=1)
    running = asyncio.create_task(workload.ask("a1"))
    await asyncio.sleep(0)
    with pytest.raises(LookupError), workload.free_work.request_turn(build_origin(1, 2), Work.READ):
        raise LookupError
    await workload.ask("a3")
    await running
    assert workload.log == [("a1", 1.0), ("a3", 2.0)]


@pytest.mark.parametrize("after", [0.5, 1.0])
async def test_who_goes_away_while_waiting_or_working_gives_the_place_back(after: float) -> None:
    workload = Workload(places=1)
    asking = [asyncio.create_task(workload.ask(name)) for name in ("a1", "a2", "a3")]
    await asyncio.sleep(after)
    asking[1].cancel()
    await asyncio.wait(asking)
    served = [("a1", 1.0), ("a3", 2.0)]
    assert workload.log == served
    await workload.ask("a2")
    assert workload.log == [*served, ("a2", 3.0)]
