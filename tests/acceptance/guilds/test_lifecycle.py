"""The bot is thrown out of a guild: the books are closed, nothing is brought, all is forgotten."""

from __future__ import annotations

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, GuildId
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model import seed_data
from tests.support.app.held_jobs import HOLD_IN_STATE, UNPAID, release_jobs, send_order
from tests.support.app.moderators import GUILD, set_guild_settings
from tests.support.app_fixture import AppFixture, list_media, read_text, wait_until

TABLES = ("guild_setting", "guild_change", "gallery_entry", "usage_day", "stay")


async def remove_bot(app_fixture: AppFixture) -> None:
    """Remove the bot, and wait until it knows."""
    app_fixture.discord.guild.remove_bot()
    while not await app_fixture.app.services.guild_lifecycle.membership.has_left(GUILD):
        await app_fixture.core.clock.sleep(0.02)


async def assert_balanced(app_fixture: AppFixture, job: Job, spent: int) -> None:
    day = await app_fixture.core.ledger.get_account(
        format_global_day_scope(job.created_at.date()), LedgerUnit.MICRO_USD
    )
    assert (day.held, day.spent) == (0, spent)
    assert await app_fixture.core.ledger.find_imbalances() == []


async def expire_guild(app_fixture: AppFixture) -> None:
    """Let the grace be over, and what is kept be swept."""
    async with app_fixture.core.database.write() as tx:
        await tx.execute("UPDATE stay SET left_at = 1 WHERE left_at IS NOT NULL")
    await app_fixture.app.services.periodic_tasks.retention.delete_expired()


async def count_rows(app_fixture: AppFixture) -> dict[str, int]:
    counts = {}
    for table in TABLES:
        sql = f"SELECT COUNT(*) AS number FROM {table} WHERE guild_id = :guild"  # noqa: S608 - ours
        row = await app_fixture.core.database.reader.fetch_one(sql, {"guild": GUILD})
        counts[table] = row["number"] if row else 0
    return {table: number for table, number in counts.items() if number}


def count_requests(app_fixture: AppFixture) -> int:
    """Count what was sent to the guild's channel or to a reply in it."""
    paths = [call.path for call in app_fixture.discord.journal.entries]
    return sum("/channels/" in path or "/webhooks/" in path for path in paths)


@pytest.mark.parametrize("state", HOLD_IN_STATE)
async def test_a_job_of_a_guild_that_is_left_is_dropped_and_its_accounts_are_closed(
    app_fixture: AppFixture, state: JobState
) -> None:
    call = await HOLD_IN_STATE[state](app_fixture, prompt="a secret garden")
    await remove_bot(app_fixture)
    await release_jobs(app_fixture)
    before = count_requests(app_fixture)
    job = await app_fixture.wait_for_job(call)
    if state in UNPAID:
        assert (job.state, job.failure, app_fixture.billed_count) == (
            JobState.CANCELLED,
            "guild_left",
            0,
        )
    else:
        assert (job.state, app_fixture.billed_count) == (JobState.SETTLED, 1)
        assert (await app_fixture.core.jobs.list_events(job.id))[-2].detail == "dropped"
    await assert_balanced(app_fixture, job, 50_000 * app_fixture.billed_count)
    # an edit of the card may have been under way
    assert count_requests(app_fixture) - before <= 1
    assert not [seen for seen in app_fixture.discord.guild.messages() if list_media(seen)]
    await expire_guild(app_fixture)
    assert not await count_rows(app_fixture)
    await assert_nothing_personal(app_fixture, call)
    await assert_balanced(app_fixture, job, 50_000 * app_fixture.billed_count)


async def assert_nothing_personal(app_fixture: AppFixture, call: TrackedInvocation) -> None:
    job = await app_fixture.wait_for_job(call)
    assert (job.origin.user_name, job.order.prompt, job.order.attachment.url) == ("", "", "")
    assert not [path for path in app_fixture.data_dir.glob("files/*/*") if path.is_file()]


async def test_what_a_guild_configured_and_showed_is_deleted_after_a_week_not_before(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(
        app_fixture, gallery_channel=ChannelId(seed_data.GALLERY_ID), gallery_mode=GalleryMode.EVERY
    )
    call = await send_order(app_fixture)
    await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    await remove_bot(app_fixture)
    await app_fixture.app.services.periodic_tasks.retention.delete_expired()
    kept = await count_rows(app_fixture)
    assert kept.keys() == set(TABLES)
    await expire_guild(app_fixture)
    assert not await count_rows(app_fixture)
    await assert_nothing_personal(app_fixture, call)
    await assert_balanced(app_fixture, job, 50_000)
    assert await app_fixture.app.services.periodic_tasks.retention.delete_expired() == 0


async def test_a_guild_that_invites_again_within_the_week_finds_all_as_it_was(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, results_per_user_day=7)
    await remove_bot(app_fixture)
    app_fixture.discord.guild.invite_bot()
    while await app_fixture.app.services.guild_lifecycle.membership.has_left(GUILD):
        await app_fixture.core.clock.sleep(0.02)
    await expire_guild(app_fixture)
    assert (await count_rows(app_fixture))["guild_setting"] == 1
    await app_fixture.wait_for_result(await send_order(app_fixture))


async def test_a_guild_that_was_left_while_the_bot_was_down_is_noted_at_the_start(
    app_fixture: AppFixture,
) -> None:
    call = await HOLD_IN_STATE[JobState.SUBMITTED](app_fixture)
    while "stay" not in await count_rows(app_fixture):
        await app_fixture.core.clock.sleep(0.02)
    await app_fixture.stop()
    app_fixture.discord.guild.remove_bot()
    await app_fixture.start()
    while not await app_fixture.app.services.guild_lifecycle.membership.has_left(GUILD):
        await app_fixture.core.clock.sleep(0.02)
    await release_jobs(app_fixture)
    job = await app_fixture.wait_for_job(call)
    assert job.state is JobState.SETTLED
    await assert_balanced(app_fixture, job, 50_000)


async def test_a_guild_in_which_the_bot_never_was_is_not_taken_for_left(
    app_fixture: AppFixture,
) -> None:
    assert not await app_fixture.app.services.guild_lifecycle.membership.has_left(GuildId(0))
    await wait_until(app_fixture.app.bot.client.is_ready)
    assert not await app_fixture.app.services.guild_lifecycle.membership.has_left(GUILD)
    message = await (await app_fixture.ana.slash("help")).message()
    assert read_text(message)
