"""The form to order up to four pictures: each is a job, and one message lists them."""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal
from typing import Any

import pytest

from bot.config.settings import LimitSettings, PersonalSettings
from bot.domain.geometry import Margins
from bot.domain.ids import InteractionId
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from bot.domain.money import MicroUsd
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.records import Upload
from sandbox.runware.faults import RunwareFault
from tests.support.app.card_controls import list_labels, press_button
from tests.support.app.moderators import set_guild_settings
from tests.support.app_fixture import (
    DEADLINE,
    AppFixture,
    Json,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
    wait_until,
)

PRICE = MicroUsd(50_000)
LINK = re.compile(r"\[Picture (\d)\]\((\S+)\) · (\w+)")
UPLOAD, RADIO, INPUT, BOXES, MENU = 19, 21, 4, 22, 3


def draw_pictures(count: int) -> list[Upload]:
    """Draw pictures of different sizes, so that each result tells which one it is of."""
    pictures = [encode_upload(draw_photograph(160 + 16 * at, 120)) for at in range(count)]
    return [Upload(f"{at}.PNG", picture.data) for at, picture in enumerate(pictures, start=1)]


async def open_form(app_fixture: AppFixture, member: str = "ana") -> Json:
    """Open the form by the button below the help, as a member who reads it does."""
    actor = app_fixture.discord.guild.member(member)
    card = await (await actor.slash("help")).message()
    return await press_button(actor, card, "Expand a picture").modal()


async def order(app_fixture: AppFixture, pictures: list[Upload], **more: Any) -> TrackedInvocation:
    form = await open_form(app_fixture)
    filled = {"pictures": pictures, "direction": "right", "pixels": "64", **more}
    return await app_fixture.ana.submit(form, filled)


async def wait_for_jobs(app_fixture: AppFixture, call: TrackedInvocation, count: int) -> list[Job]:
    """Return the call's jobs once there are `count`, and all have ended."""
    async with asyncio.timeout(DEADLINE):
        while True:
            jobs = await app_fixture.core.jobs.list_by_interaction(InteractionId(call.id))
            if len(jobs) == count and all(job.has_ended for job in jobs):
                return jobs
            await asyncio.sleep(0.02)


def list_bot_messages(app_fixture: AppFixture) -> list[Json]:
    bot = str(app_fixture.discord.state.world.bot.id)
    return [each for each in app_fixture.ana.sees() if each["author"]["id"] == bot]


async def test_the_form_has_five_parts_as_discord_takes_them(app_fixture: AppFixture) -> None:
    form = await open_form(app_fixture)
    parts = {label["label"]: label["component"] for label in form["components"]}
    kinds = {name: part["type"] for name, part in parts.items()}
    assert kinds == {
        "Pictures": UPLOAD,
        "Direction": RADIO,
        "Pixels": INPUT,
        "Prompt": INPUT,
        "Options": BOXES,
    }
    upload = parts["Pictures"]
    assert (upload["min_values"], upload["max_values"], upload["required"]) == (1, 4, True)
    assert upload["file_types"] == [".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif"]
    chosen = [each["value"] for each in parts["Direction"]["options"] if each.get("default")]
    assert chosen == ["all"]
    assert [each["value"] for each in parts["Options"]["options"]] == [
        *("preview", "private", "spoiler"),
    ]
    assert parts["Options"]["required"] is False


async def test_one_picture_goes_the_way_of_the_command(app_fixture: AppFixture) -> None:
    call = await order(app_fixture, draw_pictures(1), prompt="a lake", options=["spoiler"])
    result = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert (job.part, job.order.prompt) == (0, "a lake")
    assert job.prepared_plan.delivered == Margins(right=64)
    assert "160x120 → 224x120" in read_text(result)
    assert "'spoiler': True" in str(result["components"])
    assert len(list_bot_messages(app_fixture)) == 2, "the help and the result"


async def test_four_pictures_are_four_jobs_with_one_summary(app_fixture: AppFixture) -> None:
    call = await order(app_fixture, draw_pictures(4))
    summary = await call.message(lambda seen: read_text(seen).count("· Done") == 4)
    jobs = await wait_for_jobs(app_fixture, call, 4)
    assert [job.part for job in jobs] == [1, 2, 3, 4]
    assert {job.state for job in jobs} == {JobState.SETTLED}
    assert [str(job.prepared_plan.canvas) for job in jobs] == [
        *("224x120", "240x120", "256x120", "272x120"),
    ]
    assert [job.hold for job in jobs] == [PRICE] * 4
    assert app_fixture.billed_count == 4
    assert "4 pictures: right by 64" in read_text(summary)
    links = LINK.findall(read_text(summary))
    assert [(number, state) for number, _, state in links] == [(n, "Done") for n in "1234"]
    results = {each["id"]: each for each in list_bot_messages(app_fixture) if list_media(each)}
    assert [link.rpartition("/")[2] for _, link, _ in links] == [
        str(job.reply.message_id) for job in jobs
    ]
    assert {str(job.reply.message_id) for job in jobs} == set(results)
    shown = [read_text(results[str(job.reply.message_id)]) for job in jobs]
    assert [text[2:9] for text in shown] == ["160x120", "176x120", "192x120", "208x120"]
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_a_limit_that_allows_two_accepts_the_first_two(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    app_fixture.limits = LimitSettings(results_per_user_day=2)
    await app_fixture.start()
    call = await order(app_fixture, draw_pictures(4))
    note = await call.message(lambda seen: "accepted" in read_text(seen))
    jobs = await wait_for_jobs(app_fixture, call, 2)
    assert is_ephemeral(note)
    assert "2 of 4 pictures accepted" in read_text(note)
    assert "**3.PNG, 4.PNG**: You have used 2 of your 2 pictures today" in read_text(note)
    assert [str(job.prepared_plan.seed) for job in jobs] == ["160x120", "176x120"]
    day = await app_fixture.core.ledger.get_account(
        format_global_day_scope(jobs[0].created_at.date()), LedgerUnit.MICRO_USD
    )
    assert (day.held, day.spent) == (0, 2 * PRICE)
    again = await (await order(app_fixture, draw_pictures(2))).message()
    assert is_ephemeral(again), "none is accepted: a refusal, and no summary"
    assert len(list_bot_messages(app_fixture)) == 3 + 2 + 2, "cards, notes, two helps"
    assert app_fixture.billed_count == 2


async def test_a_form_asks_for_no_more_pictures_than_a_command_may(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, results_per_command=3)
    call = await order(app_fixture, draw_pictures(4))
    note = await call.message(lambda seen: "accepted" in read_text(seen))
    await wait_for_jobs(app_fixture, call, 3)
    assert "3 of 4 pictures accepted" in read_text(note)
    assert "**4.PNG**" in read_text(note)
    assert app_fixture.billed_count == 3


@pytest.mark.parametrize(
    ("limits", "accepted"),
    [
        ({"results_per_user_day": 5}, 5),
        ({"usd_per_guild_month": Decimal("0.25")}, 5),
        ({"usd_per_user_month": Decimal("0.15")}, 3),
        ({"running_per_user": 1, "waiting_per_user": 2}, 3),
    ],
)
async def test_two_forms_at_once_share_what_is_left(
    app_fixture: AppFixture, limits: dict[str, Any], accepted: int
) -> None:
    await app_fixture.stop()
    app_fixture.limits = LimitSettings(**{"waiting_per_user": 9, **limits})
    await app_fixture.start()
    app_fixture.runware.service_state.faults.add(
        RunwareFault.from_json({"kind": "slow", "value": 1.5, "times": 0})
    )
    forms = [await open_form(app_fixture) for _ in range(2)]
    filled = {"pictures": draw_pictures(4), "direction": "right", "pixels": "64"}
    calls = await asyncio.gather(*(app_fixture.ana.submit(form, filled) for form in forms))
    for call in calls:
        await call.message(lambda seen: "Expanding" in read_text(seen) or "code" in read_text(seen))
    find = app_fixture.core.jobs.list_by_interaction
    jobs = [job for call in calls for job in await find(InteractionId(call.id))]
    assert len(jobs) == accepted
    for call in calls:
        mine = await find(InteractionId(call.id))
        await wait_for_jobs(app_fixture, call, len(mine))
    assert app_fixture.billed_count == accepted


async def test_one_bad_file_among_four_fails_by_itself(app_fixture: AppFixture) -> None:
    pictures = draw_pictures(4)
    pictures[1] = Upload("broken.png", pictures[1].data[:200])
    call = await order(app_fixture, pictures)
    await call.message(lambda seen: read_text(seen).count("· Done") == 3)
    jobs = await wait_for_jobs(app_fixture, call, 4)
    ends = [job.state for job in jobs]
    assert ends == [JobState.SETTLED, JobState.FAILED, JobState.SETTLED, JobState.SETTLED]
    assert app_fixture.billed_count == 3
    summary = await call.message(lambda seen: "Picture 2](" in read_text(seen))
    assert [state for _, _, state in LINK.findall(read_text(summary))] == [
        *("Done", "Failed", "Done", "Done"),
    ]


async def test_a_file_of_another_kind_is_named_and_the_others_accepted(
    app_fixture: AppFixture,
) -> None:
    pictures = draw_pictures(3)
    pictures[1] = Upload("notes.txt", b"words")
    call = await order(app_fixture, pictures)
    note = await call.message(lambda seen: "accepted" in read_text(seen))
    assert "2 of 3 pictures accepted" in read_text(note)
    assert "**notes.txt**: " in read_text(note)
    assert len(await wait_for_jobs(app_fixture, call, 2)) == 2
    refusal = await (await order(app_fixture, [Upload("a.txt", b"x")] * 2)).message()
    assert is_ephemeral(refusal)
    assert "not a picture" in read_text(refusal)
    assert app_fixture.billed_count == 2


async def test_more_than_four_never_reach_the_bot(app_fixture: AppFixture) -> None:
    form = await open_form(app_fixture)
    for pictures in (draw_pictures(5), []):
        with pytest.raises(DiscordError, match="50035"):
            await app_fixture.ana.submit(form, {"pictures": pictures})
    for wrong in ({"options": ["free"]}, {"direction": "inwards"}):
        with pytest.raises(DiscordError, match="50035"):
            await app_fixture.ana.submit(form, {"pictures": draw_pictures(1), **wrong})


async def test_the_same_form_handed_in_twice_by_discord_is_paid_once(
    app_fixture: AppFixture,
) -> None:
    form = await open_form(app_fixture)
    app_fixture.discord.faults.add(DiscordFault("duplicate", match="INTERACTION_CREATE", times=2))
    call = await app_fixture.ana.submit(form, {"pictures": draw_pictures(3), "pixels": "64"})
    jobs = await wait_for_jobs(app_fixture, call, 3)
    assert [job.part for job in jobs] == [1, 2, 3]
    await wait_until(lambda: app_fixture.billed_count == 3)
    shown = [each for each in list_bot_messages(app_fixture) if list_media(each)]
    assert len(shown) == 3
    again = await app_fixture.app.interactions.acceptance.accept_orders(
        jobs[0].origin, [job.order for job in jobs], "token"
    )
    assert [job.id for job in again.jobs] == [job.id for job in jobs]


async def test_each_of_them_is_cancelled_by_itself(app_fixture: AppFixture) -> None:
    app_fixture.discord.faults.add(DiscordFault("cdn_slow", value=1.5, times=3))
    call = await order(app_fixture, draw_pictures(3))
    summary = await call.message(lambda seen: len(LINK.findall(read_text(seen))) == 3)
    second = LINK.findall(read_text(summary))[1][1].rpartition("/")[2]
    card = next(each for each in list_bot_messages(app_fixture) if each["id"] == second)
    assert list_labels(card) == ["Cancel"]
    await press_button(app_fixture.ana, card, "Cancel").acknowledged()
    jobs = await wait_for_jobs(app_fixture, call, 3)
    assert [job.state for job in jobs] == [
        *(JobState.SETTLED, JobState.CANCELLED, JobState.SETTLED),
    ]
    ended = await call.message(lambda seen: read_text(seen).count("· Done") == 2)
    assert "[Picture 2]" in read_text(ended)
    assert "· Cancelled" in read_text(ended)
    assert app_fixture.billed_count == 2


async def test_private_pictures_are_shown_to_their_member_alone(app_fixture: AppFixture) -> None:
    call = await order(app_fixture, draw_pictures(2), options=["private"])
    await call.message(lambda seen: read_text(seen).count("· Done") == 2)
    mine = list_bot_messages(app_fixture)
    assert [is_ephemeral(each) for each in mine] == [True] * 4
    assert app_fixture.discord.guild.member("ben").sees() == []


async def test_each_picture_is_previewed_and_confirmed_by_itself(app_fixture: AppFixture) -> None:
    pictures = draw_pictures(3)
    pictures[2] = Upload("broken.png", pictures[2].data[:200])
    call = await order(app_fixture, pictures, options=["preview"])
    await wait_until(lambda: len(list_bot_messages(app_fixture)) == 4)
    cards = list_bot_messages(app_fixture)[1:]
    assert [is_ephemeral(each) for each in cards] == [True] * 3
    assert "160x120 → 224x120" in read_text(cards[0])
    assert "176x120 → 240x120" in read_text(cards[1])
    assert "damaged" in read_text(cards[2])
    assert app_fixture.billed_count == 0
    confirmed = press_button(app_fixture.ana, cards[1], "Confirm")
    result = await app_fixture.wait_for_result(confirmed)
    assert "176x120 → 240x120" in read_text(result)
    assert await app_fixture.core.jobs.find_by_interaction(InteractionId(call.id)) is None


async def test_a_direct_message_takes_four_pictures_too(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    app_fixture.personal = PersonalSettings(month_usd=Decimal(5), results_per_day=3)
    await app_fixture.start()
    ana = app_fixture.ana
    ana.install()
    card = await (await ana.slash("help", channel=ana.dm)).message()
    assert list_labels(card) == ["Expand a picture"]
    form = await press_button(ana, card, "Expand a picture").modal()
    call = await ana.submit(form, {"pictures": draw_pictures(4), "pixels": "64"})
    note = await call.message(lambda seen: "accepted" in read_text(seen))
    assert "3 of 4 pictures accepted" in read_text(note)
    await call.message(lambda seen: read_text(seen).count("· Done") == 3)
    assert len([each for each in ana.sees(ana.dm) if list_media(each)]) == 3


async def test_a_moderator_posts_the_button_for_everybody(app_fixture: AppFixture) -> None:
    guild = app_fixture.discord.guild
    card = await (await app_fixture.ana.slash("help")).message()
    assert list_labels(card) == ["Expand a picture"]
    owner = guild.member("mia")
    card = await (await owner.slash("help")).message()
    assert list_labels(card) == ["Expand a picture", "Post this button here"]
    panel = await press_button(owner, card, "Post this button").message(
        lambda seen: not is_ephemeral(seen)
    )
    assert "up to four pictures" in read_text(panel)
    await app_fixture.restart()
    form = await press_button(app_fixture.ana, panel, "Expand a picture").modal()
    call = await app_fixture.ana.submit(form, {"pictures": draw_pictures(1), "pixels": "64"})
    assert "160x120 → 288x248" in read_text(await app_fixture.wait_for_result(call))


async def test_several_pictures_of_a_message_are_ordered_at_once(app_fixture: AppFixture) -> None:
    message = await app_fixture.ana.upload(*draw_pictures(5))
    form = await app_fixture.ana.menu("Expand image", message).modal()
    kinds = [label["component"]["type"] for label in form["components"]]
    assert kinds == [MENU, RADIO, INPUT, INPUT, BOXES]
    menu = form["components"][0]["component"]
    assert (len(menu["options"]), menu["min_values"], menu["max_values"]) == (5, 1, 4)
    with pytest.raises(DiscordError, match="50035"):
        await app_fixture.ana.submit(form, {"picture": list("01234")})
    filled = {"picture": ["1", "4"], "direction": "up", "pixels": "64"}
    call = await app_fixture.ana.submit(form, filled)
    jobs = await wait_for_jobs(app_fixture, call, 2)
    assert [str(job.prepared_plan.canvas) for job in jobs] == ["176x184", "224x184"]
