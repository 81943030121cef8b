"""What becomes of an order that the image service's own content checks refuse."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.ids import ChannelId
from bot.domain.job import JobState
from bot.domain.usage import Tally
from bot.storage.archive import ArchiveStore
from sandbox.discord import world
from sandbox.discord.calls import Call
from tests.acceptance.gestures import press
from tests.acceptance.staff import GUILD, settle
from tests.house import House, is_ephemeral, photograph, text, upload


async def unsafe(house: House, prompt: str = "unsafe-prompt-6", **options: Any) -> Call:
    return await house.ana.slash(
        "expand",
        image=upload(photograph()),
        direction="right",
        pixels=64,
        prompt=prompt,
        **options,
    )


async def test_the_member_alone_learns_the_level_and_what_can_be_changed(house: House) -> None:
    await settle(house, tolerance=1)
    call = await unsafe(house)
    alone = await call.message(lambda message: "safety tolerance 1" in text(message))
    assert is_ephemeral(alone)
    assert "Change the prompt" in text(alone)
    assert "No laxer check is tried" in text(alone)
    public = await call.message(lambda message: "Only its member reads why" in text(message))
    assert "tolerance" not in text(public)
    job = await house.job(call)
    assert (job.state, job.sends) == (JobState.FAILED, 1)
    assert house.billed == 0


async def test_a_private_order_says_it_on_its_own_card(house: House) -> None:
    call = await unsafe(house, private=True)
    own = await call.message(lambda message: "safety tolerance 2" in text(message))
    assert is_ephemeral(own)
    assert len(call.followups) == 0


@pytest.mark.parametrize(
    ("bill", "words"),
    [("free", "Nothing was charged"), ("reported", "$0.05 was billed by the image service")],
)
async def test_whether_it_was_billed_is_said_and_booked(
    house: House, bill: str, words: str
) -> None:
    switches = house.runware.conditions.switches.set({"moderated_bill": bill})
    house.runware.conditions.switches = switches
    call = await unsafe(house)
    assert words in text(await call.message(lambda message: "tolerance" in text(message)))
    job = await house.job(call)
    assert bool(job.cost) is (bill == "reported")
    assert await house.app.ledger.audit() == []


@pytest.mark.parametrize(("check", "results"), [(True, 1), (True, 2), (False, 1)])
async def test_what_the_second_check_flags_is_billed_and_not_shown(
    house: House, *, check: bool, results: int
) -> None:
    await settle(house, check_content=check)
    call = await unsafe(house, "nsfw-result", results=results)
    if check:
        said = text(await call.message(lambda message: "tolerance 2" in text(message)))
        assert "moderation refused" in said
        assert f"$0.{5 * results:02} was billed" in said.replace("$0.1 ", "$0.10 ")
    else:
        await house.posted(call)
    job = await house.job(call)
    assert job.state is (JobState.FAILED if check else JobState.SETTLED)
    assert not [result for result in await house.app.jobs.results(job.id) if check]
    assert await house.app.ledger.audit() == []


async def test_a_result_that_was_kept_back_is_explained_to_who_asks_and_counted(
    house: House,
) -> None:
    call = await unsafe(house, "unsafe-result-6", results=2)
    result = await house.posted(call)
    assert "1 of 2 did not come out" in text(result)
    assert "tolerance" not in text(result)
    more = await press(house.ana, result, "Details").message()
    assert is_ephemeral(more)
    assert "1 of 2, refused at safety tolerance 2" in text(more)
    job = await house.job(call)
    assert await ArchiveStore(house.app.database).was_refused(job.id)


async def test_refusals_of_both_kinds_are_counted_for_the_moderators(house: House) -> None:
    await house.job(await unsafe(house))
    await settle(house, allowed_channels=(ChannelId(world.GALLERY_ID),))
    await (await unsafe(house)).message()
    _, _, report = await house.app.office.usage.report(GUILD, 1)
    assert report.total == Tally(failures=1, refusals=1)
