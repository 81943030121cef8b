"""The door: kill switch, provider's refusals, the disk, and members whom moderation stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import IntakePaused, MemberPaused, StorageLow
from bot.services.intake import FILE
from tests.services.door import Door


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with Door.open(tmp_path) as made:
        yield made


async def test_the_kill_switch_refuses_at_once_and_until_it_is_turned_off(door: Door) -> None:
    await door.intake.pause("a bill that I do not understand")
    with pytest.raises(IntakePaused) as caught:
        await door.accept()
    assert (caught.value.reason, caught.value.until) == ("a bill that I do not understand", None)
    assert await door.intake.stopped()
    assert await door.intake.resume()
    assert not await door.intake.resume()
    await door.accept()
    assert not await door.intake.stopped()


async def test_a_file_in_the_data_folder_is_the_kill_switch_too(door: Door) -> None:
    (door.folder / FILE).write_text("back\nsoon")
    await door.intake.look()
    with pytest.raises(IntakePaused) as caught:
        await door.accept()
    assert caught.value.reason == "back soon"
    assert await door.intake.stopped()
    (door.folder / FILE).unlink()
    await door.intake.look()
    await door.accept()


async def test_turning_it_off_removes_the_file(door: Door) -> None:
    (door.folder / FILE).touch()
    await door.intake.look()
    assert await door.intake.resume()
    assert not (door.folder / FILE).exists()
    await door.accept()


async def test_a_pause_ends_by_itself_in_its_time(door: Door) -> None:
    await door.intake.pause("an hour", door.clock.now() + timedelta(hours=1))
    with pytest.raises(IntakePaused):
        await door.accept()
    door.clock.at += timedelta(hours=1)
    await door.accept()


async def test_an_account_that_the_provider_refuses_rests_the_intake_alone(door: Door) -> None:
    await door.intake.provider_refused("insufficientCredits")
    with pytest.raises(IntakePaused) as caught:
        await door.accept()
    assert caught.value.until == door.clock.now() + timedelta(minutes=10)
    assert not await door.intake.stopped()
    door.clock.at += timedelta(minutes=10)
    await door.accept()


async def test_a_process_that_stops_takes_nothing_more(door: Door) -> None:
    door.intake.stop()
    with pytest.raises(IntakePaused):
        await door.accept()


async def test_without_room_on_the_disk_nothing_is_taken(door: Door) -> None:
    door.min_free = 2**62
    door.__post_init__()
    await door.intake.look()
    with pytest.raises(StorageLow) as caught:
        await door.accept()
    assert caught.value.needed == 2**62
    assert caught.value.free < 2**62


async def test_whom_moderation_refuses_five_times_in_ten_minutes_waits_an_hour(
    door: Door,
) -> None:
    for _ in range(5):
        await door.refused_by_moderation(await door.accept())
        door.clock.at += timedelta(minutes=2)
    with pytest.raises(MemberPaused) as caught:
        await door.accept()
    assert caught.value.until == door.clock.now() - timedelta(minutes=2) + timedelta(hours=1)
    await door.accept(user=31)
    door.clock.at = caught.value.until
    await door.accept()
