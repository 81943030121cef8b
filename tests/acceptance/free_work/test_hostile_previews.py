"""Members whose pictures end image workers: nobody else notices, and they are paused."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.config.settings import ImageSettings
from bot.domain.ids import UserId
from bot.domain.job import JobState
from bot.domain.moderation import STRIKE_RETENTION
from bot.images.worker_pool import ImageWorkerPool
from bot.storage.repositories.members.records import MemberRecordStore
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.records import Upload
from sandbox.runware.engine.workers import Workers
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload, read_text
from tests.support.generous_limits import GENEROUS
from tests.support.images.raw_png import SIGNATURE, build_chunk, build_header

SIDE = 11_000
WORK_SECONDS = 1.0
STRIKES = 5
TOO_HARD = "That picture could not be read within reasonable time and memory."
PAUSED = "Within ten minutes, 5 of your pictures took too long to read."


@pytest_asyncio.fixture
async def app(tmp_path: Path, engine_workers: Workers) -> AsyncIterator[AppFixture]:
    """Open the real bot with two workers that give a picture little time, and take large ones."""
    async with (
        ImageWorkerPool.open(2, memory_mib=4096, seconds=WORK_SECONDS) as workers,
        AppFixture.open(tmp_path / "data", workers, engine_workers) as opened,
    ):
        opened.images = ImageSettings(
            workers=2, max_pixels=SIDE**2, max_side=SIDE, max_canvas_pixels=2 * SIDE**2
        )
        opened.limits = GENEROUS
        await opened.start()
        yield opened


def build_bomb() -> Upload:
    """Return a picture of 121 megapixels, which no worker decodes in its time here."""
    # Paeth's filter, the slowest to undo
    rows = zlib.compress((b"\x04" + bytes(SIDE * 6)) * SIDE, 1)
    parts = build_header(SIDE, SIDE, 16), build_chunk(b"IDAT", rows), build_chunk(b"IEND")
    return Upload("bomb.png", SIGNATURE + b"".join(parts))


async def preview(member: MemberActor, image: Upload) -> str:
    call = member.invoke(
        "expand", {"image": image, "direction": "right", "pixels": 64, "preview": True}
    )
    return read_text(await call.message(lambda message: bool(read_text(message)), timeout=60))


async def preview_in_a_loop(member: MemberActor, image: Upload) -> list[str]:
    return [await preview(member, image) for _ in range(STRIKES + 1)]


async def test_orders_are_served_beside_members_whose_previews_end_workers(app: AppFixture) -> None:
    bomb = build_bomb()
    attackers = [app.discord.guild.welcome(f"attacker{number}") for number in range(3)]
    attacks = [asyncio.create_task(preview_in_a_loop(each, bomb)) for each in attackers]
    orders = 0
    while not all(attack.done() for attack in attacks):
        image = encode_upload(draw_photograph())
        call = await app.ana.slash("expand", image=image, direction="right", pixels=64)
        job = await app.wait_for_job(call)
        assert job.state is JobState.SETTLED, job.failure
        assert job.attempts == 0
        orders += 1
    assert orders > 0
    for attack in attacks:
        *refused, last = attack.result()
        assert all(TOO_HARD in text for text in refused), refused
        assert PAUSED in last
    good = encode_upload(draw_photograph())
    assert PAUSED in await preview(attackers[0], good)
    assert "320x240 → 384x240" in await preview(app.ana, good)


async def test_an_order_whose_picture_ends_its_worker_twice_is_refused_and_costs_nothing(
    app: AppFixture,
) -> None:
    call = await app.ana.slash("expand", image=build_bomb(), direction="right", pixels=64)
    job = await app.wait_for_job(call)
    assert (job.state, job.failure) == (JobState.FAILED, "too_hard")
    assert app.billed_count == 0
    assert await app.core.ledger.find_imbalances() == []
    strikes = await app.core.database.reader.fetch_all("SELECT user_id FROM reading_strike")
    assert [row["user_id"] for row in strikes] == [app.ana.id] * 2


async def test_a_strike_outlives_an_erasure_while_it_counts_and_goes_then(app: AppFixture) -> None:
    core, ana = app.core, UserId(app.ana.id)
    retention, records = app.app.services.periodic_tasks.retention, MemberRecordStore(core.database)
    await retention.reading_strikes.record_strike(ana)
    await core.erasure.erase_member(ana)
    await retention.delete_expired()
    assert len((await records.list_records(ana))["reading_strikes"]) == 1
    period = int(STRIKE_RETENTION.total_seconds() * 1000)
    async with core.database.write() as tx:
        await tx.execute("UPDATE reading_strike SET at = at - :period", {"period": period})
    await retention.delete_expired()
    assert (await records.list_records(ana))["reading_strikes"] == []
