"""What becomes of an order that the image service's own content checks refuse."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.ids import ChannelId
from bot.domain.job import JobState
from bot.domain.ledger import UsageTotals
from bot.storage.repositories.archive import ArchiveStore
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model import seed_data
from tests.support.app.card_controls import press_button
from tests.support.app.moderators import GUILD, set_guild_settings
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    read_text,
)


async def order_unsafe(
    app_fixture: AppFixture, prompt: str = "unsafe-prompt-6", **options: Any
) -> TrackedInvocation:
    return await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        prompt=prompt,
        **options,
    )


async def test_the_member_alone_learns_the_level_and_what_can_be_changed(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, tolerance=1)
    call = await order_unsafe(app_fixture)
    alone = await call.message(lambda message: "safety tolerance 1" in read_text(message))
    assert is_ephemeral(alone)
    assert "Change the prompt" in read_text(alone)
    assert "No laxer check is tried" in read_text(alone)
    public = await call.message(lambda message: "Only its member reads why" in read_text(message))
    assert "tolerance" not in read_text(public)
    job = await app_fixture.wait_for_job(call)
    assert (job.state, job.sends) == (JobState.FAILED, 1)
    assert app_fixture.billed_count == 0


async def test_a_private_order_says_it_on_its_own_card(app_fixture: AppFixture) -> None:
    call = await order_unsafe(app_fixture, private=True)
    own = await call.message(lambda message: "safety tolerance 2" in read_text(message))
    assert is_ephemeral(own)
    assert len(call.followups) == 0


@pytest.mark.parametrize(
    ("bill", "words"),
    [("free", "Nothing was charged"), ("reported", "$0.05 was billed by the image service")],
)
async def test_whether_it_was_billed_is_said_and_booked(
    app_fixture: AppFixture, bill: str, words: str
) -> None:
    switches = app_fixture.runware.service_state.switches.with_changes({"moderated_bill": bill})
    app_fixture.runware.service_state.switches = switches
    call = await order_unsafe(app_fixture)
    assert words in read_text(await call.message(lambda message: "tolerance" in read_text(message)))
    job = await app_fixture.wait_for_job(call)
    assert bool(job.cost) is (bill == "reported")
    assert await app_fixture.core.ledger.find_imbalances() == []


@pytest.mark.parametrize(("check", "results"), [(True, 1), (True, 2), (False, 1)])
async def test_what_the_second_check_flags_is_billed_and_not_shown(
    app_fixture: AppFixture, *, check: bool, results: int
) -> None:
    await set_guild_settings(app_fixture, check_content=check)
    call = await order_unsafe(app_fixture, "nsfw-result", results=results)
    if check:
        said = read_text(await call.message(lambda message: "tolerance 2" in read_text(message)))
        assert "moderation refused" in said
        assert f"$0.{5 * results:02} was billed" in said.replace("$0.1 ", "$0.10 ")
    else:
        await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert job.state is (JobState.FAILED if check else JobState.SETTLED)
    assert not [result for result in await app_fixture.core.jobs.list_results(job.id) if check]
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_a_result_that_was_withheld_is_explained_to_who_asks_and_counted(
    app_fixture: AppFixture,
) -> None:
    call = await order_unsafe(app_fixture, "unsafe-result-6", results=2)
    result = await app_fixture.wait_for_result(call)
    assert "1 of 2 did not come out" in read_text(result)
    assert "tolerance" not in read_text(result)
    more = await press_button(app_fixture.ana, result, "Details").message()
    assert is_ephemeral(more)
    assert "1 of 2, refused at safety tolerance 2" in read_text(more)
    job = await app_fixture.wait_for_job(call)
    assert await ArchiveStore(app_fixture.core.database).was_refused(job.id)


async def test_refusals_of_both_kinds_are_counted_for_the_moderators(
    app_fixture: AppFixture,
) -> None:
    await app_fixture.wait_for_job(await order_unsafe(app_fixture))
    await set_guild_settings(app_fixture, allowed_channels=(ChannelId(seed_data.GALLERY_ID),))
    await (await order_unsafe(app_fixture)).message()
    _, _, report = await app_fixture.core.usage_stats.build_report(GUILD, 1)
    assert report.total_usage == UsageTotals(failures=1, refusals=1)
