"""A member's own installation: it works wherever they are, by rules that are nobody's there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.config import PersonalSettings
from bot.domain.guild import PERSONAL_SETTINGS
from bot.domain.ids import PERSONAL, GuildId, UserId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Unit, guild_month_scope
from bot.domain.order import Reply
from bot.errors import TaskFailed
from bot.images.workers import ImageWorkers
from bot.services.ports import Delivered, Route
from sandbox.discord.actors import MemberActor
from sandbox.discord.calls import Call
from sandbox.discord.errors import DiscordError
from sandbox.runware.engine.workers import Workers
from tests.acceptance.gestures import button, controls, labels, menu, press
from tests.acceptance.test_delivery import deliver
from tests.house import House, is_ephemeral, media, photograph, text, upload

Json = dict[str, Any]
PICTURE = upload(photograph())
RIGHT: Json = {"image": PICTURE, "direction": "right", "pixels": 64}


@pytest_asyncio.fixture
async def house(
    tmp_path: Path, image_workers: ImageWorkers, engine_workers: Workers
) -> AsyncIterator[House]:
    async with House.open(tmp_path / "data", image_workers, engine_workers) as opened:
        opened.personal = PersonalSettings(month_usd=Decimal("0.20"))
        await opened.start()
        opened.ana.install()
        yield opened


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member is, and who else is there."""

    member: MemberActor
    channel: str | None = None
    other: MemberActor | None = None
    guild: int = 0

    async def slash(self, command: str, **options: Any) -> Call:
        return await self.member.slash(command, channel=self.channel, **options)


def direct(house: House) -> Place:
    return Place(house.ana, house.ana.dm)


def together(house: House) -> Place:
    there = house.ana.together("ben", "mia")
    return Place(house.ana, there, house.discord.guild.member("ben"))


def abroad(house: House) -> Place:
    """Go to a guild that the bot is not in; Ben owns it."""
    guild = house.discord.add_guild("Second", "ben", "ana")
    guild.remove_bot()
    return Place(guild.member("ana"), None, guild.member("ben"), guild.id)


def home(house: House) -> Place:
    return Place(house.ana)


PLACES = pytest.mark.parametrize("place", [direct, together, abroad])
Going = Callable[[House], Place]


async def expanded(house: House, who: Place, **options: Any) -> tuple[Json, Job]:
    call = await who.slash("expand", **RIGHT, **options)
    return await house.posted(call), await house.job(call)


async def said(who: Place, command: str, **options: Any) -> str:
    """Return the words that a command is answered with, to the member alone."""
    message = await (await who.slash(command, **options)).message()
    assert is_ephemeral(message)
    return text(message)


async def refused(call: Call) -> str:
    message = await call.message()
    assert is_ephemeral(message)
    return text(message)


async def seen_by_guild(house: House) -> list[int]:
    """Return what a guild's numbers and gallery hold."""
    *_, report = await house.app.office.usage.report(GuildId(house.discord.guild.id), 30)
    row = await house.app.database.reader.one("SELECT COUNT(*) AS entries FROM gallery_entry")
    assert row is not None
    return [report.total.results, report.total.refusals, row["entries"]]


@PLACES
async def test_a_picture_is_made_and_booked_to_no_guild(house: House, place: Going) -> None:
    who = place(house)
    result, job = await expanded(house, who, results=2)
    assert job.origin.guild_id == PERSONAL
    assert job.order.level == PERSONAL_SETTINGS.tolerance
    assert "1 of 3 left" in text(result)
    pool = guild_month_scope(PERSONAL, job.created_at.date())
    account = await house.app.ledger.account(pool, Unit.MICRO_USD)
    assert (account.held, account.spent) == (0, 100_000)
    entries = await house.app.office.statements.entries(job.id)
    assert len([each for each in entries if each.kind == "settle"]) == 5
    assert (await house.app.office.auditor.audit()).balanced
    assert await seen_by_guild(house) == [0, 0, 0]
    assert "2 of 3 used" in await said(who, "quota")
    assert "320x240 → 384x240" in await said(who, "history")
    assert "`/expand`" in await said(who, "help")
    assert "What is kept of you" in await said(who, "privacy")
    assert "384x240" not in await said(home(house), "history")


@PLACES
async def test_every_shape_and_the_menu_work_and_the_pool_ends_them_by_its_name(
    house: House, place: Going
) -> None:
    who = place(house)
    message = await who.member.upload(PICTURE, channel=who.channel)
    form = await who.member.menu("Expand image", message).modal()
    calls = [await who.member.submit(form, {"direction": "up", "pixels": "64"})]
    await house.job(calls[0])
    calls.append(await who.slash("expand-ratio", image=PICTURE, ratio="16:9"))
    await house.job(calls[1])
    calls.append(await who.slash("expand-sides", image=PICTURE, left=64))
    for call in calls:
        assert media(await house.posted(call))
        await house.job(call)
    house.personal = PersonalSettings(month_usd=Decimal("0.15"), results_per_day=9)
    await house.restart()
    refusal = await said(who, "expand-zoom", image=PICTURE, factor=1.2)
    assert "outside of servers that have me is used up: $0.15 of $0.15" in refusal
    assert "code budget_exhausted" in refusal
    assert house.billed == 3


async def test_the_day_is_small_and_the_price_is_held_first(house: House) -> None:
    who = direct(house)
    house.runware.hold()
    call = await who.slash("expand", **RIGHT, results=3)
    job = await house.until(call, JobState.SUBMITTED)
    pool = guild_month_scope(PERSONAL, job.created_at.date())
    assert (await house.app.ledger.account(pool, Unit.MICRO_USD)).held == 150_000
    assert "3 of your 3 pictures today" in await said(who, "expand", **RIGHT)
    house.runware.release()
    await house.job(call)


@PLACES
async def test_what_belongs_to_guilds_is_not_there(house: House, place: Going) -> None:
    who = place(house)
    for command in ("settings panel", "moderate queue", "gallery best", "usage"):
        with pytest.raises(DiscordError, match=r"10063|50013"):
            await who.slash(command)


async def test_the_host_has_no_say_and_the_tolerance_is_fixed(house: House) -> None:
    who = abroad(house)
    now, ben = house.app.clock.now(), UserId(house.discord.guild.member("ben").id)
    for name, value in (("banned_words", ("lake",)), ("tolerance", 2), ("language", "de")):
        await house.app.office.guilds.set(GuildId(who.guild), name, value, ben, now)
    assert "code tolerance_refused" in await said(who, "expand", **RIGHT, tolerance=2)
    result, job = await expanded(house, who, prompt="a lake", tolerance=0)
    assert job.order.level == 0
    assert "asked by Ana" in text(result)


async def test_a_guild_that_has_the_bot_always_counts(house: House) -> None:
    _, job = await expanded(house, home(house))
    assert job.origin.guild_id == house.discord.guild.id
    assert job.order.level == 2


async def test_a_direct_message_is_for_those_who_have_added_the_bot(house: House) -> None:
    ben = house.discord.guild.member("ben")
    who = Place(ben, ben.dm)
    assert "code not_installed" in await said(who, "expand", **RIGHT)
    assert "0 of 3 used" in await said(who, "quota")
    message = await ben.upload(PICTURE, channel=ben.dm)
    assert "code not_installed" in await refused(ben.menu("Expand image", message))


async def test_a_result_in_a_group_keeps_to_its_authors_wish(house: House) -> None:
    who = together(house)
    result, _ = await expanded(house, who)
    page = await (await who.slash("privacy")).message()
    await press(who.member, page, "Keep my pictures").acknowledged()
    ben = house.discord.guild.member("ben")
    ben.install()
    assert "code opted_out" in await refused(ben.menu("Expand image", result))


@PLACES
async def test_a_restart_in_the_middle_loses_nothing(house: House, place: Going) -> None:
    who = place(house)
    house.runware.hold()
    call = await who.slash("expand", **RIGHT)
    await house.until(call, JobState.SUBMITTED)
    await house.restart()
    house.runware.release()
    result = await house.posted(call)
    assert (await house.job(call)).state is JobState.SETTLED
    details = press(who.member, result, "Details")
    assert await details.message(lambda message: "Noise seed" in text(message))


@PLACES
async def test_buttons_work_for_their_member_and_nobody_else(house: House, place: Going) -> None:
    who = place(house)
    result, job = await expanded(house, who)
    more = await press(who.member, result, "More").message()
    assert labels(more) == ["Lossless file", "Delete"]
    call = press(who.member, result, "→ 64")
    assert media(await house.posted(call))
    onward = await house.job(call)
    assert (onward.origin.guild_id, onward.order.level) == (PERSONAL, 1)
    if who.other is None:
        return
    for name in ("→ 64", "Compare", "Details", "More"):
        assert "belongs to another member" in await refused(press(who.other, result, name))
    removal = who.other.forge(result, button(more, "Delete"))
    assert "belongs to another member" in await refused(removal)
    assert not await house.app.bot.desk.pictures.archive.is_removed(job.id)


async def test_ids_of_one_side_do_nothing_on_the_other(house: House) -> None:
    own, _ = await expanded(house, direct(house))
    guilds, _ = await expanded(house, home(house))
    for name in ("→ 64", "Details", "Another try"):
        assert "code forged" in await refused(house.ana.forge(guilds, button(own, name)))
    looked_at = house.ana.forge(own, button(guilds, "Details"))
    assert await looked_at.message(lambda message: "Noise seed" in text(message))
    onward = house.ana.forge(own, button(guilds, "→ 64"))
    assert "belongs to the server" in await refused(onward)
    mine, _ = await expanded(house, together(house))
    ben = house.discord.guild.member("ben")
    assert "code forged" in await refused(ben.forge(mine, button(guilds, "Details")))
    assert house.billed == 3


async def test_a_manager_of_the_host_settles_and_moderates_nothing(house: House) -> None:
    panel = await (await house.discord.guild.member("mia").slash("settings panel")).message()
    guild = house.discord.add_guild("Second", "mia", "ana")
    guild.remove_bot()
    host = Place(guild.member("mia"))
    host.member.install()
    card, _ = await expanded(house, host)
    sections = str(menu(panel)["custom_id"])
    pressed = host.member.forge(card, sections, values=("safety",), kind=3)
    assert "code not_manager" in await refused(pressed)


@PLACES
async def test_a_late_result_comes_directly_or_is_kept_for_the_history(
    house: House, place: Going
) -> None:
    who = place(house)
    _, job = await expanded(house, who)
    late = replace(job, reply=Reply(None, job.reply.message_id))
    assert (await deliver(house, late)).route is Route.MESSAGE
    await house.app.publisher.fail(late, TaskFailed("processingFailed", "no"))
    seen = house.ana.sees(house.ana.dm)
    assert media(seen[-2])
    assert "Could not" in text(seen[-1])
    who.member.close_dms()
    assert await deliver(house, late) == Delivered(Route.KEPT)
    page = await (await who.slash("history")).message()
    orders = next(each for each in controls(page) if "options" in each)
    opened = await who.member.select(page, orders["custom_id"], job.id).message(
        lambda message: "Send again" in labels(message)
    )
    assert media(await house.posted(press(who.member, opened, "Send again")))


async def test_a_confirmed_preview_makes_one_of_the_five_follow_ups(house: House) -> None:
    who = abroad(house)
    call = await who.slash("expand", **RIGHT, results=3, preview=True)
    shown = await call.message(lambda message: bool(media(message)))
    confirmed = press(who.member, shown, "Confirm")
    await house.posted(confirmed)
    assert len(confirmed.followups) == 1
    assert (await house.job(confirmed)).origin.guild_id == PERSONAL


async def test_without_a_budget_the_commands_are_for_guilds_alone(house: House) -> None:
    house.personal = PersonalSettings()
    await house.restart()
    for command in house.discord.state.commands.all():
        assert command["integration_types"] == [0]
    with pytest.raises(DiscordError, match="10063"):
        await direct(house).slash("expand", **RIGHT)
    _, job = await expanded(house, home(house))
    assert job.origin.guild_id == house.discord.guild.id
