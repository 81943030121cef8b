"""The bot is thrown out of a guild: the books are closed, nothing is brought, all is forgotten."""

from __future__ import annotations

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, GuildId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Unit, global_day_scope
from sandbox.discord import world
from sandbox.discord.calls import Call
from tests.acceptance.staff import GUILD, settle
from tests.acceptance.stages import HELD, UNPAID, let_go, order
from tests.house import House, media, text, until

TABLES = ("guild_setting", "guild_change", "gallery_entry", "usage_day", "stay")


async def thrown_out(house: House) -> None:
    """Remove the bot, and wait until it knows."""
    house.discord.guild.remove_bot()
    while not await house.app.bot.departures.stays.has_left(GUILD):
        await house.app.clock.sleep(0.02)


async def in_balance(house: House, job: Job, spent: int) -> None:
    day = await house.app.ledger.account(global_day_scope(job.created_at.date()), Unit.MICRO_USD)
    assert (day.held, day.spent) == (0, spent)
    assert await house.app.ledger.audit() == []


async def long_gone(house: House) -> None:
    """Let the grace be over, and what is kept be swept."""
    async with house.app.database.write() as tx:
        await tx.run("UPDATE stay SET left_at = 1 WHERE left_at IS NOT NULL")
    await house.app.retention.sweep()


async def rows(house: House) -> dict[str, int]:
    counts = {}
    for table in TABLES:
        sql = f"SELECT COUNT(*) AS number FROM {table} WHERE guild_id = :guild"  # noqa: S608 - ours
        row = await house.app.database.reader.one(sql, {"guild": GUILD})
        counts[table] = row["number"] if row else 0
    return {table: number for table, number in counts.items() if number}


def asked(house: House) -> int:
    """Count what was sent to the guild's channel or to a reply in it."""
    paths = [call.path for call in house.discord.journal.entries]
    return sum("/channels/" in path or "/webhooks/" in path for path in paths)


@pytest.mark.parametrize("state", HELD)
async def test_a_job_of_a_guild_that_is_left_is_dropped_and_its_books_are_closed(
    house: House, state: JobState
) -> None:
    call = await HELD[state](house, prompt="a secret garden")
    await thrown_out(house)
    await let_go(house)
    before = asked(house)
    job = await house.job(call)
    if state in UNPAID:
        assert (job.state, job.failure, house.billed) == (JobState.CANCELLED, "guild_left", 0)
    else:
        assert (job.state, house.billed) == (JobState.SETTLED, 1)
        assert (await house.app.jobs.events(job.id))[-2].detail == "dropped"
    await in_balance(house, job, 50_000 * house.billed)
    # an edit of the card may have been under way
    assert asked(house) - before <= 1
    assert not [seen for seen in house.discord.guild.messages() if media(seen)]
    await long_gone(house)
    assert not await rows(house)
    await nothing_personal(house, call)
    await in_balance(house, job, 50_000 * house.billed)


async def nothing_personal(house: House, call: Call) -> None:
    job = await house.job(call)
    assert (job.origin.user_name, job.order.prompt, job.order.attachment.url) == ("", "", "")
    assert not [path for path in house.data_dir.glob("files/*/*") if path.is_file()]


async def test_what_a_guild_settled_and_showed_is_forgotten_after_a_week_not_before(
    house: House,
) -> None:
    await settle(house, gallery_channel=ChannelId(world.GALLERY_ID), gallery_mode=GalleryMode.EVERY)
    call = await order(house)
    await house.posted(call)
    job = await house.job(call)
    await thrown_out(house)
    await house.app.retention.sweep()
    kept = await rows(house)
    assert kept.keys() == set(TABLES)
    await long_gone(house)
    assert not await rows(house)
    await nothing_personal(house, call)
    await in_balance(house, job, 50_000)
    assert await house.app.retention.sweep() == 0


async def test_a_guild_that_invites_again_within_the_week_finds_all_as_it_was(
    house: House,
) -> None:
    await settle(house, results_per_user_day=7)
    await thrown_out(house)
    house.discord.guild.invite_bot()
    while await house.app.bot.departures.stays.has_left(GUILD):
        await house.app.clock.sleep(0.02)
    await long_gone(house)
    assert (await rows(house))["guild_setting"] == 1
    await house.posted(await order(house))


async def test_a_guild_that_was_left_while_the_bot_was_down_is_noted_at_the_start(
    house: House,
) -> None:
    call = await HELD[JobState.SUBMITTED](house)
    while "stay" not in await rows(house):
        await house.app.clock.sleep(0.02)
    await house.stop()
    house.discord.guild.remove_bot()
    await house.start()
    while not await house.app.bot.departures.stays.has_left(GUILD):
        await house.app.clock.sleep(0.02)
    await let_go(house)
    job = await house.job(call)
    assert job.state is JobState.SETTLED
    await in_balance(house, job, 50_000)


async def test_a_guild_in_which_the_bot_never_was_is_not_taken_for_left(house: House) -> None:
    assert not await house.app.bot.departures.stays.has_left(GuildId(0))
    await until(house.app.bot.is_ready)
    assert not await house.app.bot.departures.stays.has_left(GUILD)
    message = await (await house.ana.slash("help")).message()
    assert text(message)
