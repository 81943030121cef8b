"""The main job, end to end: a command becomes a larger picture, paid for out of a quota."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PIL import Image

from bot.domain.geometry import Margins
from bot.domain.job import JobState
from bot.domain.ledger import Unit, global_day_scope
from bot.images.measure import changed_pixels
from tests.house import House, is_ephemeral, media, photograph, text, upload

WAYS: list[tuple[str, dict[str, Any], Margins]] = [
    ("expand", {"direction": "left", "pixels": 64}, Margins(left=64)),
    ("expand", {"direction": "right", "pixels": 100}, Margins(right=100)),
    ("expand", {"direction": "up", "pixels": 1}, Margins(top=1)),
    ("expand", {"direction": "down", "pixels": 65}, Margins(bottom=65)),
    ("expand", {"direction": "horizontal", "pixels": 32}, Margins(left=32, right=32)),
    ("expand", {"direction": "vertical", "pixels": 64}, Margins(top=64, bottom=64)),
    ("expand", {"direction": "all", "pixels": 40}, Margins.uniform(40)),
    ("expand-ratio", {"ratio": "16:9"}, Margins(left=53, right=54)),
    ("expand-ratio", {"ratio": "1:1", "anchor": "top"}, Margins(bottom=80)),
    ("expand-zoom", {"factor": 1.5}, Margins(top=60, right=80, bottom=60, left=80)),
    ("expand-sides", {"left": 10, "bottom": 20}, Margins(left=10, bottom=20)),
]


@pytest.mark.parametrize(("command", "options", "margins"), WAYS)
async def test_every_way_in_delivers_exactly_what_was_asked_with_the_original_inside(
    house: House, command: str, options: dict[str, Any], margins: Margins
) -> None:
    call = await house.ana.slash(command, image=upload(photograph()), **options)
    message = await house.posted(call)
    job = await house.job(call)
    picture = house.picture(message)
    assert job.prepared_plan.delivered == margins
    assert picture.size == (320 + margins.left + margins.right, 240 + margins.top + margins.bottom)
    assert (picture.format, job.state, job.cost) == ("PNG", JobState.SETTLED, 50_000)
    seed = house.app.files.path(job.stored_seed)
    data = house.discord.read(media(message)[0])
    assert changed_pixels(seed, data, margins) == 0


async def test_the_card_comes_at_once_and_changes_into_the_result(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="right", pixels=100
    )
    assert await call.acknowledged() < 1500
    card = await call.message()
    assert "Expanding: right by 100" in text(card)
    assert not is_ephemeral(card)
    assert not media(card)
    await house.until(call, JobState.SUBMITTED)
    house.runware.release()
    result = await house.posted(call)
    assert result["id"] == card["id"]
    assert "320x240 → 420x240" in text(result)
    assert "rendered right 128" in text(result)
    assert "$0.05" in text(result)
    assert "19 of 20 left today" in text(result)
    assert "Expanded picture, 420x240, right 100" in str(result["components"])


async def test_the_books_show_the_cost_and_balance(house: House) -> None:
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="right", pixels=64, results=3
    )
    message = await house.posted(call)
    job = await house.job(call)
    day = await house.app.ledger.account(global_day_scope(job.created_at.date()), Unit.MICRO_USD)
    usage = await house.app.accounting.usage(
        job.origin.guild_id, job.origin.user_id, job.created_at
    )
    assert (day.held, day.spent) == (0, 150_000)
    assert (usage.used, usage.left) == (3, 17)
    assert len(media(message)) == house.billed == 3
    assert await house.app.ledger.audit() == []


async def test_several_results_differ(house: House) -> None:
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="right", pixels=64, results=2
    )
    message = await house.posted(call)
    assert house.picture(message, 0).tobytes() != house.picture(message, 1).tobytes()


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
    house: House, source: str, asked: str | None, delivered: str
) -> None:
    options = {"format": asked} if asked else {}
    call = await house.ana.slash(
        "expand", image=upload(photograph(), source), direction="down", pixels=64, **options
    )
    assert house.picture(await house.posted(call)).format == delivered


async def test_a_private_result_is_seen_by_its_member_alone(house: House) -> None:
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="up", pixels=64, private=True
    )
    message = await house.posted(call)
    assert is_ephemeral(message)
    assert message["id"] in {seen["id"] for seen in house.ana.sees()}
    ben = house.discord.guild.member("ben")
    assert message["id"] not in {seen["id"] for seen in ben.sees()}


async def test_an_animation_is_expanded_from_its_first_frame_and_the_card_says_so(
    house: House,
) -> None:
    image = upload(photograph(), "GIF", save_all=True, append_images=[Image.new("RGB", (320, 240))])
    call = await house.ana.slash("expand", image=image, direction="left", pixels=64)
    assert "first frame" in text(await house.posted(call))


async def test_the_prompt_reaches_the_provider_and_the_alt_text_as_it_was_written(
    house: House,
) -> None:
    prompt = "dunes at night, *quiet* @everyone"
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="left", pixels=64, prompt=prompt
    )
    message = await house.posted(call)
    assert prompt in str(message["components"])
    assert not message["mention_everyone"]
    assert (await house.job(call)).order.prompt == prompt


async def test_many_at_once_are_all_answered_and_all_delivered(house: House) -> None:
    calls = [
        await house.discord.guild.member(name).slash(
            "expand", image=upload(photograph(128, 96)), direction="right", pixels=64
        )
        for name in ("ana", "ben", "mia")
        for _ in range(3)
    ]
    messages = await asyncio.gather(*(house.posted(call) for call in calls))
    assert len({message["id"] for message in messages}) == house.billed == 9
    assert all(call.ack_ms is not None and call.ack_ms < 3000 for call in calls)


async def test_quota_shows_what_is_left(house: House) -> None:
    call = await house.ana.slash("quota")
    message = await call.message()
    assert is_ephemeral(message)
    assert "0 of 20 used" in text(message)
