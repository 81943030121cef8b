from __future__ import annotations

import asyncio
from uuid import uuid4

from bot.services.jobs.provider_slots import ProviderSlots


async def test_no_more_tasks_are_in_flight_than_there_are_slots() -> None:
    slots, tasks = ProviderSlots(4), [uuid4() for _ in range(5)]
    for task in tasks[:4]:
        await slots.acquire_slot(task)
        await slots.acquire_slot(task)
    fifth = asyncio.create_task(slots.acquire_slot(tasks[4]))
    await asyncio.sleep(0)
    assert not fifth.done()
    slots.release_slot(tasks[0])
    slots.release_slot(tasks[0])
    await asyncio.wait_for(fifth, 1)


async def test_who_no_longer_waits_takes_no_slot_from_the_next() -> None:
    slots, (first, gone, next_one) = ProviderSlots(1), (uuid4() for _ in range(3))
    await slots.acquire_slot(first)
    waiting = [asyncio.create_task(slots.acquire_slot(task)) for task in (gone, next_one)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    slots.release_slot(first)
    await asyncio.wait_for(waiting[1], 1)
    assert (slots.has_slot(gone), slots.has_slot(next_one)) == (False, True)


async def test_tasks_found_at_the_provider_count_beyond_the_limit() -> None:
    slots, found, new = ProviderSlots(1), [uuid4(), uuid4()], uuid4()
    for task in found:
        slots.occupy_slot(task)
    waiting = asyncio.create_task(slots.acquire_slot(new))
    slots.release_slot(found[0])
    await asyncio.sleep(0)
    assert not waiting.done()
    slots.release_slot(found[1])
    await asyncio.wait_for(waiting, 1)
