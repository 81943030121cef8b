"""Orders that make workers read pictures for nothing: bounded for a member, free for all others."""

from __future__ import annotations

import asyncio
import contextlib

from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.records import Upload
from tests.support.app.card_controls import Json, expand_picture, find_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    read_text,
    wait_until,
)

AT_ONCE = 10
FETCH_SECONDS = 0.3
TRIES = 40
"""A busy machine gives some of the allowance back on the way."""
LATER = "You've asked for a lot in a short time."


def cut_off(image: Upload) -> Upload:
    return Upload(image.filename, image.data[: len(image.data) // 2])


async def order_cut_off(app: AppFixture) -> str:
    """Let Ana order a picture that is cut off; return what she is told in the end."""
    image = cut_off(encode_upload(draw_photograph()))
    call = await app.ana.slash("expand", image=image, direction="right", pixels=64)
    await app.wait_for_job(call)
    return read_text(await call.message(has_failed))


def has_failed(message: Json) -> bool:
    text = read_text(message)
    return LATER in text or "damaged" in text


async def order_and_cancel(app: AppFixture) -> str:
    """Let Ana cancel an order while its picture is fetched; return what she is told."""
    image, journal = encode_upload(draw_photograph()), app.discord.journal
    before = len(journal.fault_entries)
    call = await app.ana.slash("expand", image=image, direction="right", pixels=64)
    card = await call.message(lambda message: "Cancel" in str(message) or has_failed(message))
    # an order that is cancelled before its picture is fetched reads nothing
    await wait_until(
        lambda: len(journal.fault_entries) > before or has_failed(call.original or card)
    )
    if not has_failed(card):
        # one that was refused meanwhile has no such button any more
        with contextlib.suppress(DiscordError):
            app.ana.press(card, find_button(card, "Cancel"))
    await app.wait_for_job(call)
    return read_text(
        await call.message(lambda message: has_failed(message) or "ancelled" in str(message))
    )


async def test_broken_pictures_are_read_until_there_were_too_many(app_fixture: AppFixture) -> None:
    texts = [await order_cut_off(app_fixture) for _ in range(AT_ONCE)]
    assert all("damaged" in text for text in texts), texts
    for _ in range(TRIES):
        text = await order_cut_off(app_fixture)
        if LATER in text:
            break
    assert LATER in text
    assert "Try again <t:" in text
    assert app_fixture.billed_count == 0
    assert await app_fixture.core.ledger.find_imbalances() == []
    ben = app_fixture.discord.guild.member("ben")
    assert list_media(await expand_picture(app_fixture, ben))
    preview = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        preview=True,
    )
    assert await preview.message(lambda message: bool(list_media(message)))


async def test_cancelled_orders_count_like_refused_ones(app_fixture: AppFixture) -> None:
    app_fixture.discord.faults.add(DiscordFault("cdn_slow", value=FETCH_SECONDS, times=0))
    texts: list[str] = []
    while not texts or (LATER not in texts[-1] and len(texts) < TRIES):
        texts.append(await order_and_cancel(app_fixture))
        # what is cancelled is fetched to its end, and what comes before that is not begun
        await asyncio.sleep(2 * FETCH_SECONDS)
    assert LATER in texts[-1]
    assert len(texts) > AT_ONCE
