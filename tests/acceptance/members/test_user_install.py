"""A member's own installation: it works wherever they are, by rules that are nobody's there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.config.settings import PersonalSettings
from bot.domain.guild import PERSONAL_SETTINGS
from bot.domain.ids import PERSONAL_GUILD, GuildId, UserId
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit, format_guild_month_scope
from bot.domain.order import ReplyTarget
from bot.errors import TaskFailed
from bot.images.worker_pool import ImageWorkerPool
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.errors import DiscordError
from sandbox.runware.engine.workers import Workers
from tests.acceptance.delivery.test_delivery import deliver_job
from tests.support.app.card_controls import (
    find_button,
    find_menu,
    list_controls,
    list_labels,
    press_button,
)
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
)

Json = dict[str, Any]
PICTURE = encode_upload(draw_photograph())
RIGHT: Json = {"image": PICTURE, "direction": "right", "pixels": 64}


@pytest_asyncio.fixture
async def app_fixture(
    tmp_path: Path, image_workers: ImageWorkerPool, engine_workers: Workers
) -> AsyncIterator[AppFixture]:
    async with AppFixture.open(tmp_path / "data", image_workers, engine_workers) as opened:
        opened.personal = PersonalSettings(month_usd=Decimal("0.20"))
        await opened.start()
        opened.ana.install()
        yield opened


@dataclass(frozen=True, slots=True)
class Location:
    """Where a member is, and who else is there."""

    member: MemberActor
    channel: str | None = None
    other: MemberActor | None = None
    guild: int = 0

    async def slash(self, command: str, **options: Any) -> TrackedInvocation:
        return await self.member.slash(command, channel=self.channel, **options)


def in_direct_message(app_fixture: AppFixture) -> Location:
    return Location(app_fixture.ana, app_fixture.ana.dm)


def in_group(app_fixture: AppFixture) -> Location:
    there = app_fixture.ana.together("ben", "mia")
    return Location(app_fixture.ana, there, app_fixture.discord.guild.member("ben"))


def in_foreign_guild(app_fixture: AppFixture) -> Location:
    """Go to a guild that the bot is not in; Ben owns it."""
    guild = app_fixture.discord.add_guild("Second", "ben", "ana")
    guild.remove_bot()
    return Location(guild.member("ana"), None, guild.member("ben"), guild.id)


def in_home_guild(app_fixture: AppFixture) -> Location:
    return Location(app_fixture.ana)


LOCATIONS = pytest.mark.parametrize("place", [in_direct_message, in_group, in_foreign_guild])
GoTo = Callable[[AppFixture], Location]


async def expand_picture(
    app_fixture: AppFixture, who: Location, **options: Any
) -> tuple[Json, Job]:
    call = await who.slash("expand", **RIGHT, **options)
    return await app_fixture.wait_for_result(call), await app_fixture.wait_for_job(call)


async def read_private_answer(who: Location, command: str, **options: Any) -> str:
    """Return the words that a command is answered with, to the member alone."""
    message = await (await who.slash(command, **options)).message()
    assert is_ephemeral(message)
    return read_text(message)


async def read_refusal(call: TrackedInvocation) -> str:
    message = await call.message()
    assert is_ephemeral(message)
    return read_text(message)


async def read_guild_numbers(app_fixture: AppFixture) -> list[int]:
    """Return what a guild's numbers and gallery hold."""
    *_, report = await app_fixture.core.usage_stats.build_report(
        GuildId(app_fixture.discord.guild.id), 30
    )
    row = await app_fixture.core.database.reader.fetch_one(
        "SELECT COUNT(*) AS entries FROM gallery_entry"
    )
    assert row is not None
    return [report.total_usage.results, report.total_usage.refusals, row["entries"]]


@LOCATIONS
async def test_a_picture_is_made_and_booked_to_no_guild(
    app_fixture: AppFixture, place: GoTo
) -> None:
    who = place(app_fixture)
    result, job = await expand_picture(app_fixture, who, results=2)
    assert job.origin.guild_id == PERSONAL_GUILD
    assert job.order.tolerance_level == PERSONAL_SETTINGS.tolerance
    assert "1 of 3 left" in read_text(result)
    pool = format_guild_month_scope(PERSONAL_GUILD, job.created_at.date())
    account = await app_fixture.core.ledger.get_account(pool, LedgerUnit.MICRO_USD)
    assert (account.held, account.spent) == (0, 100_000)
    entries = await app_fixture.core.statements.list_entries(job.id)
    assert len([each for each in entries if each.kind == "settle"]) == 5
    assert (await app_fixture.core.auditor.audit_ledger()).is_balanced
    assert await read_guild_numbers(app_fixture) == [0, 0, 0]
    assert "2 of 3 used" in await read_private_answer(who, "quota")
    assert "320x240 → 384x240" in await read_private_answer(who, "history")
    assert "`/expand`" in await read_private_answer(who, "help")
    assert "What is kept of you" in await read_private_answer(who, "privacy")
    assert "384x240" not in await read_private_answer(in_home_guild(app_fixture), "history")


@LOCATIONS
async def test_every_shape_and_the_menu_work_and_the_pool_ends_them_by_its_name(
    app_fixture: AppFixture, place: GoTo
) -> None:
    who = place(app_fixture)
    message = await who.member.upload(PICTURE, channel=who.channel)
    form = await who.member.menu("Expand image", message).modal()
    calls = [await who.member.submit(form, {"direction": "up", "pixels": "64"})]
    await app_fixture.wait_for_job(calls[0])
    calls.append(await who.slash("expand-ratio", image=PICTURE, ratio="16:9"))
    await app_fixture.wait_for_job(calls[1])
    calls.append(await who.slash("expand-sides", image=PICTURE, left=64))
    for call in calls:
        assert list_media(await app_fixture.wait_for_result(call))
        await app_fixture.wait_for_job(call)
    app_fixture.personal = PersonalSettings(month_usd=Decimal("0.15"), results_per_day=9)
    await app_fixture.restart()
    refusal = await read_private_answer(who, "expand-zoom", image=PICTURE, factor=1.2)
    assert "outside of servers that have me is used up: $0.15 of $0.15" in refusal
    assert "code budget_exhausted" in refusal
    assert app_fixture.billed_count == 3


async def test_the_day_is_small_and_the_price_is_held_first(app_fixture: AppFixture) -> None:
    who = in_direct_message(app_fixture)
    app_fixture.runware.pause_tasks()
    call = await who.slash("expand", **RIGHT, results=3)
    job = await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    pool = format_guild_month_scope(PERSONAL_GUILD, job.created_at.date())
    assert (await app_fixture.core.ledger.get_account(pool, LedgerUnit.MICRO_USD)).held == 150_000
    assert "3 of your 3 pictures today" in await read_private_answer(who, "expand", **RIGHT)
    app_fixture.runware.resume_tasks()
    await app_fixture.wait_for_job(call)


@LOCATIONS
async def test_what_belongs_to_guilds_is_not_there(app_fixture: AppFixture, place: GoTo) -> None:
    who = place(app_fixture)
    for command in ("settings panel", "moderate queue", "gallery best", "usage"):
        with pytest.raises(DiscordError, match=r"10063|50013"):
            await who.slash(command)


async def test_the_host_has_no_say_and_the_tolerance_is_fixed(app_fixture: AppFixture) -> None:
    who = in_foreign_guild(app_fixture)
    now, ben = app_fixture.core.clock.now(), UserId(app_fixture.discord.guild.member("ben").id)
    for name, value in (("banned_words", ("lake",)), ("tolerance", 2), ("language", "de")):
        await app_fixture.core.guilds.set_value(GuildId(who.guild), name, value, ben, now)
    assert "code tolerance_refused" in await read_private_answer(
        who, "expand", **RIGHT, tolerance=2
    )
    result, job = await expand_picture(app_fixture, who, prompt="a lake", tolerance=0)
    assert job.order.tolerance_level == 0
    assert "asked by Ana" in read_text(result)


async def test_a_guild_that_has_the_bot_always_counts(app_fixture: AppFixture) -> None:
    _, job = await expand_picture(app_fixture, in_home_guild(app_fixture))
    assert job.origin.guild_id == app_fixture.discord.guild.id
    assert job.order.tolerance_level == 2


async def test_a_direct_message_is_for_those_who_have_added_the_bot(
    app_fixture: AppFixture,
) -> None:
    ben = app_fixture.discord.guild.member("ben")
    who = Location(ben, ben.dm)
    assert "code not_installed" in await read_private_answer(who, "expand", **RIGHT)
    assert "0 of 3 used" in await read_private_answer(who, "quota")
    message = await ben.upload(PICTURE, channel=ben.dm)
    assert "code not_installed" in await read_refusal(ben.menu("Expand image", message))


async def test_a_result_in_a_group_keeps_to_its_authors_wish(app_fixture: AppFixture) -> None:
    who = in_group(app_fixture)
    result, _ = await expand_picture(app_fixture, who)
    page = await (await who.slash("privacy")).message()
    await press_button(who.member, page, "Keep my pictures").acknowledged()
    ben = app_fixture.discord.guild.member("ben")
    ben.install()
    assert "code opted_out" in await read_refusal(ben.menu("Expand image", result))


@LOCATIONS
async def test_a_restart_in_the_middle_loses_nothing(app_fixture: AppFixture, place: GoTo) -> None:
    who = place(app_fixture)
    app_fixture.runware.pause_tasks()
    call = await who.slash("expand", **RIGHT)
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    await app_fixture.restart()
    app_fixture.runware.resume_tasks()
    result = await app_fixture.wait_for_result(call)
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    details = press_button(who.member, result, "Details")
    assert await details.message(lambda message: "Noise seed" in read_text(message))


@LOCATIONS
async def test_buttons_work_for_their_member_and_nobody_else(
    app_fixture: AppFixture, place: GoTo
) -> None:
    who = place(app_fixture)
    result, job = await expand_picture(app_fixture, who)
    more = await press_button(who.member, result, "More").message()
    assert list_labels(more) == ["Lossless file", "Delete"]
    call = press_button(who.member, result, "→ 64")
    assert list_media(await app_fixture.wait_for_result(call))
    onward = await app_fixture.wait_for_job(call)
    assert (onward.origin.guild_id, onward.order.tolerance_level) == (PERSONAL_GUILD, 1)
    if who.other is None:
        return
    for name in ("→ 64", "Compare", "Details", "More"):
        assert "belongs to another member" in await read_refusal(
            press_button(who.other, result, name)
        )
    removal = who.other.forge(result, find_button(more, "Delete"))
    assert "belongs to another member" in await read_refusal(removal)
    assert not await app_fixture.core.archive.is_removed(job.id)


async def test_ids_of_one_side_do_nothing_on_the_other(app_fixture: AppFixture) -> None:
    own, _ = await expand_picture(app_fixture, in_direct_message(app_fixture))
    guilds, _ = await expand_picture(app_fixture, in_home_guild(app_fixture))
    for name in ("→ 64", "Details", "Another try"):
        assert "code forged" in await read_refusal(
            app_fixture.ana.forge(guilds, find_button(own, name))
        )
    looked_at = app_fixture.ana.forge(own, find_button(guilds, "Details"))
    assert await looked_at.message(lambda message: "Noise seed" in read_text(message))
    onward = app_fixture.ana.forge(own, find_button(guilds, "→ 64"))
    assert "belongs to the server" in await read_refusal(onward)
    mine, _ = await expand_picture(app_fixture, in_group(app_fixture))
    ben = app_fixture.discord.guild.member("ben")
    assert "code forged" in await read_refusal(ben.forge(mine, find_button(guilds, "Details")))
    assert app_fixture.billed_count == 3


async def test_a_manager_of_the_host_settles_and_moderates_nothing(app_fixture: AppFixture) -> None:
    panel = await (await app_fixture.discord.guild.member("mia").slash("settings panel")).message()
    guild = app_fixture.discord.add_guild("Second", "mia", "ana")
    guild.remove_bot()
    host = Location(guild.member("mia"))
    host.member.install()
    card, _ = await expand_picture(app_fixture, host)
    sections = str(find_menu(panel)["custom_id"])
    pressed = host.member.forge(card, sections, values=("safety",), kind=3)
    assert "code not_manager" in await read_refusal(pressed)


@LOCATIONS
async def test_a_late_result_comes_directly_or_is_stored_for_the_history(
    app_fixture: AppFixture, place: GoTo
) -> None:
    who = place(app_fixture)
    _, job = await expand_picture(app_fixture, who)
    late = replace(job, reply=ReplyTarget(None, job.reply.message_id))
    assert (await deliver_job(app_fixture, late)).route is DeliveryRoute.MESSAGE
    await app_fixture.app.publisher.show_failure(late, TaskFailed("processingFailed", "no"))
    seen = app_fixture.ana.sees(app_fixture.ana.dm)
    assert list_media(seen[-2])
    assert "Could not" in read_text(seen[-1])
    who.member.close_dms()
    assert await deliver_job(app_fixture, late) == DeliveryReceipt(DeliveryRoute.ON_DISK)
    page = await (await who.slash("history")).message()
    orders = next(each for each in list_controls(page) if "options" in each)
    opened = await who.member.select(page, orders["custom_id"], job.id).message(
        lambda message: "Send again" in list_labels(message)
    )
    assert list_media(
        await app_fixture.wait_for_result(press_button(who.member, opened, "Send again"))
    )


async def test_a_confirmed_preview_makes_one_of_the_five_follow_ups(
    app_fixture: AppFixture,
) -> None:
    who = in_foreign_guild(app_fixture)
    call = await who.slash("expand", **RIGHT, results=3, preview=True)
    shown = await call.message(lambda message: bool(list_media(message)))
    confirmed = press_button(who.member, shown, "Confirm")
    await app_fixture.wait_for_result(confirmed)
    assert len(confirmed.followups) == 1
    assert (await app_fixture.wait_for_job(confirmed)).origin.guild_id == PERSONAL_GUILD


async def test_without_a_budget_the_commands_are_for_guilds_alone(app_fixture: AppFixture) -> None:
    app_fixture.personal = PersonalSettings()
    await app_fixture.restart()
    for command in app_fixture.discord.state.commands.all():
        assert command["integration_types"] == [0]
    with pytest.raises(DiscordError, match="10063"):
        await in_direct_message(app_fixture).slash("expand", **RIGHT)
    _, job = await expand_picture(app_fixture, in_home_guild(app_fixture))
    assert job.origin.guild_id == app_fixture.discord.guild.id
