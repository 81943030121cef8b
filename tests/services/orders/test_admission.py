"""The door: kill switch, provider's refusals, the disk, and members whom moderation stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import IntakePaused, MemberPaused, StorageLow
from bot.services.orders.admission import KILL_SWITCH_FILE
from tests.support.services.acceptance_harness import AcceptanceHarness


@pytest.fixture
async def acceptance(tmp_path: Path) -> AsyncIterator[AcceptanceHarness]:
    async with AcceptanceHarness.open(tmp_path) as made:
        yield made


async def test_the_kill_switch_refuses_at_once_and_until_it_is_turned_off(
    acceptance: AcceptanceHarness,
) -> None:
    await acceptance.admission.pause_orders("a bill that I do not understand")
    with pytest.raises(IntakePaused) as caught:
        await acceptance.accept_order()
    assert (caught.value.reason, caught.value.until) == ("a bill that I do not understand", None)
    assert await acceptance.admission.is_kill_switch_on()
    assert await acceptance.admission.resume_orders()
    assert not await acceptance.admission.resume_orders()
    await acceptance.accept_order()
    assert not await acceptance.admission.is_kill_switch_on()


async def test_a_file_in_the_data_folder_is_the_kill_switch_too(
    acceptance: AcceptanceHarness,
) -> None:
    (acceptance.folder / KILL_SWITCH_FILE).write_text("back\nsoon")
    await acceptance.admission.check_disk()
    with pytest.raises(IntakePaused) as caught:
        await acceptance.accept_order()
    assert caught.value.reason == "back soon"
    assert await acceptance.admission.is_kill_switch_on()
    (acceptance.folder / KILL_SWITCH_FILE).unlink()
    await acceptance.admission.check_disk()
    await acceptance.accept_order()


async def test_turning_it_off_removes_the_file(acceptance: AcceptanceHarness) -> None:
    (acceptance.folder / KILL_SWITCH_FILE).touch()
    await acceptance.admission.check_disk()
    assert await acceptance.admission.resume_orders()
    assert not (acceptance.folder / KILL_SWITCH_FILE).exists()
    await acceptance.accept_order()


async def test_a_pause_ends_by_itself_in_its_time(acceptance: AcceptanceHarness) -> None:
    await acceptance.admission.pause_orders("an hour", acceptance.clock.now() + timedelta(hours=1))
    with pytest.raises(IntakePaused):
        await acceptance.accept_order()
    acceptance.clock.current_time += timedelta(hours=1)
    await acceptance.accept_order()


async def test_an_account_that_the_provider_refuses_rests_the_intake_alone(
    acceptance: AcceptanceHarness,
) -> None:
    await acceptance.admission.pause_for_provider("insufficientCredits")
    with pytest.raises(IntakePaused) as caught:
        await acceptance.accept_order()
    assert caught.value.until == acceptance.clock.now() + timedelta(minutes=10)
    assert not await acceptance.admission.is_kill_switch_on()
    acceptance.clock.current_time += timedelta(minutes=10)
    await acceptance.accept_order()


async def test_a_process_that_stops_takes_nothing_more(acceptance: AcceptanceHarness) -> None:
    acceptance.admission.stop_accepting()
    with pytest.raises(IntakePaused):
        await acceptance.accept_order()


async def test_without_space_on_the_disk_nothing_is_accepted(acceptance: AcceptanceHarness) -> None:
    acceptance.min_free_mib = 2**42
    acceptance.__post_init__()
    await acceptance.admission.check_disk()
    with pytest.raises(StorageLow) as caught:
        await acceptance.accept_order()
    assert caught.value.needed == 2**62
    assert caught.value.free < 2**62


async def test_whom_moderation_refuses_five_times_in_ten_minutes_waits_an_hour(
    acceptance: AcceptanceHarness,
) -> None:
    for _ in range(5):
        await acceptance.fail_by_moderation(await acceptance.accept_order())
        acceptance.clock.current_time += timedelta(minutes=2)
    with pytest.raises(MemberPaused) as caught:
        await acceptance.accept_order()
    assert caught.value.until == acceptance.clock.now() - timedelta(minutes=2) + timedelta(hours=1)
    await acceptance.accept_order(user=31)
    acceptance.clock.current_time = caught.value.until
    await acceptance.accept_order()
