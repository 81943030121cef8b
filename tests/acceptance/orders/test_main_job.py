"""The main job, end to end: a command becomes a larger picture, paid for out of a quota."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PIL import Image

from bot.domain.geometry import Margins
from bot.domain.job import JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from bot.images.pixel_diff import count_changed_pixels
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
)

WAYS: list[tuple[str, dict[str, Any], Margins]] = [
    ("expand", {"direction": "left", "pixels": 64}, Margins(left=64)),
    ("expand", {"direction": "right", "pixels": 100}, Margins(right=100)),
    ("expand", {"direction": "up", "pixels": 1}, Margins(top=1)),
    ("expand", {"direction": "down", "pixels": 65}, Margins(bottom=65)),
    ("expand", {"direction": "horizontal", "pixels": 32}, Margins(left=32, right=32)),
    ("expand", {"direction": "vertical", "pixels": 64}, Margins(top=64, bottom=64)),
    ("expand", {"direction": "all", "pixels": 40}, Margins.from_pixels(40)),
    ("expand-ratio", {"ratio": "16:9"}, Margins(left=53, right=54)),
    ("expand-ratio", {"ratio": "1:1", "anchor": "top"}, Margins(bottom=80)),
    ("expand-zoom", {"factor": 1.5}, Margins(top=60, right=80, bottom=60, left=80)),
    ("expand-sides", {"left": 10, "bottom": 20}, Margins(left=10, bottom=20)),
]


@pytest.mark.parametrize(("command", "options", "margins"), WAYS)
async def test_every_command_delivers_exactly_what_was_asked_with_the_original_inside(
    app_fixture: AppFixture, command: str, options: dict[str, Any], margins: Margins
) -> None:
    call = await app_fixture.ana.slash(command, image=encode_upload(draw_photograph()), **options)
    message = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    picture = app_fixture.read_picture(message)
    assert job.prepared_plan.delivered == margins
    assert picture.size == (320 + margins.left + margins.right, 240 + margins.top + margins.bottom)
    assert (picture.format, job.state, job.cost) == ("PNG", JobState.SETTLED, 50_000)
    seed = app_fixture.core.files.get_path(job.stored_seed)
    data = app_fixture.discord.read_attachment(list_media(message)[0])
    assert count_changed_pixels(seed, data, margins) == 0


async def test_the_card_comes_at_once_and_changes_into_the_result(app_fixture: AppFixture) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=100
    )
    assert await call.acknowledged() < 1500
    card = await call.message()
    assert "Expanding: right by 100" in read_text(card)
    assert not is_ephemeral(card)
    assert not list_media(card)
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    app_fixture.runware.resume_tasks()
    result = await app_fixture.wait_for_result(call)
    assert result["id"] == card["id"]
    assert "320x240 → 420x240" in read_text(result)
    assert "rendered right 128" in read_text(result)
    assert "$0.05" in read_text(result)
    assert "19 of 20 left today" in read_text(result)
    assert "Expanded picture, 420x240, right 100" in str(result["components"])


async def test_the_ledger_shows_the_cost_and_balances(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64, results=3
    )
    message = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    day = await app_fixture.core.ledger.get_account(
        format_global_day_scope(job.created_at.date()), LedgerUnit.MICRO_USD
    )
    usage = await app_fixture.core.quotas.get_daily_usage(
        job.origin.guild_id, job.origin.user_id, job.created_at
    )
    assert (day.held, day.spent) == (0, 150_000)
    assert (usage.used, usage.left) == (3, 17)
    assert len(list_media(message)) == app_fixture.billed_count == 3
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_several_results_differ(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64, results=2
    )
    message = await app_fixture.wait_for_result(call)
    assert (
        app_fixture.read_picture(message, 0).tobytes()
        != app_fixture.read_picture(message, 1).tobytes()
    )


@pytest.mark.parametrize(
    ("source", "asked", "delivered"),
    [
        ("JPEG", None, "JPEG"),
        ("PNG", None, "PNG"),
        ("WEBP", None, "WEBP"),
        ("JPEG", "PNG", "PNG"),
        ("PNG", "JPG", "JPEG"),
        ("GIF", None, "PNG"),
    ],
)
async def test_the_format_is_that_of_the_picture_or_the_one_asked_for(
    app_fixture: AppFixture, source: str, asked: str | None, delivered: str
) -> None:
    options = {"format": asked} if asked else {}
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph(), source),
        direction="down",
        pixels=64,
        **options,
    )
    assert app_fixture.read_picture(await app_fixture.wait_for_result(call)).format == delivered


async def test_a_private_result_is_seen_by_its_member_alone(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="up", pixels=64, private=True
    )
    message = await app_fixture.wait_for_result(call)
    assert is_ephemeral(message)
    assert message["id"] in {seen["id"] for seen in app_fixture.ana.sees()}
    ben = app_fixture.discord.guild.member("ben")
    assert message["id"] not in {seen["id"] for seen in ben.sees()}


async def test_an_animation_is_expanded_from_its_first_frame_and_the_card_says_so(
    app_fixture: AppFixture,
) -> None:
    image = encode_upload(
        draw_photograph(), "GIF", save_all=True, append_images=[Image.new("RGB", (320, 240))]
    )
    call = await app_fixture.ana.slash("expand", image=image, direction="left", pixels=64)
    assert "first frame" in read_text(await app_fixture.wait_for_result(call))


async def test_the_prompt_reaches_the_provider_and_the_alt_text_as_it_was_written(
    app_fixture: AppFixture,
) -> None:
    prompt = "dunes at night, *quiet* @everyone"
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="left", pixels=64, prompt=prompt
    )
    message = await app_fixture.wait_for_result(call)
    assert prompt in str(message["components"])
    assert not message["mention_everyone"]
    assert (await app_fixture.wait_for_job(call)).order.prompt == prompt


async def test_many_at_once_are_all_answered_and_all_delivered(app_fixture: AppFixture) -> None:
    calls = [
        await app_fixture.discord.guild.member(name).slash(
            "expand", image=encode_upload(draw_photograph(128, 96)), direction="right", pixels=64
        )
        for name in ("ana", "ben", "mia")
        for _ in range(3)
    ]
    messages = await asyncio.gather(*(app_fixture.wait_for_result(call) for call in calls))
    assert len({message["id"] for message in messages}) == app_fixture.billed_count == 9
    assert all(call.ack_ms is not None and call.ack_ms < 3000 for call in calls)


async def test_quota_shows_what_is_left(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash("quota")
    message = await call.message()
    assert is_ephemeral(message)
    assert "0 of 20 used" in read_text(message)
