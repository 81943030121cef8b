"""What is removed when: a file goes with the last that needs it, and the books stay."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from bot.domain.geometry import Margins, Size
from bot.domain.ids import Digest, DraftId, GuildId, InteractionId, UserId
from bot.domain.job import Job, JobState, Result
from bot.domain.order import PictureRef
from bot.domain.request import Direction, DirectionalMargins
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.drafts import Draft, DraftStore
from bot.storage.repositories.jobs import JobChange, JobStore
from bot.storage.repositories.lineage import LineageLink, LineageStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job

LATER = NOW + timedelta(days=40)
MONTH = timedelta(days=30)


def build_digest(of: str) -> Digest:
    return Digest(hashlib.sha256(of.encode()).hexdigest())


async def store_ended_job(
    database: Database, number: int, seed: str, parent: Job | None = None
) -> Job:
    """Put a job there that has ended, with a seed image and one picture of its own."""
    jobs, new = JobStore(database), build_job(number, DirectionalMargins(Direction.LEFT, 64))
    if parent is not None:
        attachment = replace(new.order.attachment, declared=Size(640, 480))
        order = replace(new.order, attachment=attachment, parent=PictureRef(parent.id, 0))
        new = replace(new, order=order)
    async with database.write() as tx:
        assert await jobs.insert_job(tx, new)
        moved = await jobs.move_job(
            tx, new, JobState.PREPARED, NOW, JobChange(seed=build_digest(seed))
        )
        own = build_digest(f"picture {number}")
        result = Result(0, str(number), "u", 1, None, raw=own, delivered=own)
        await jobs.save_results(tx, moved, [result])
        return await jobs.move_job(tx, moved, JobState.FAILED, NOW, JobChange())


async def test_a_shared_file_goes_with_the_last_job_that_needs_it(database: Database) -> None:
    archive = ArchiveStore(database)
    one, two = (
        await store_ended_job(database, 1, "shared"),
        await store_ended_job(database, 2, "shared"),
    )
    gone = await archive.record_removal(one.id, "age", LATER, keep_since=LATER)
    assert gone == [build_digest("picture 1")]
    assert await archive.is_removed(one.id)
    gone = await archive.record_removal(two.id, "age", LATER, keep_since=LATER)
    assert set(gone) == {build_digest("picture 2"), build_digest("shared")}


async def test_a_file_that_a_draft_needs_remains_until_the_draft_is_old(database: Database) -> None:
    archive, drafts = ArchiveStore(database), DraftStore(database)
    one = await store_ended_job(database, 1, "seed")
    draft = Draft(DraftId("d"), GuildId(10), UserId(30), "{}", LATER, build_digest("seed"))
    await drafts.save_draft(draft)
    gone = await archive.record_removal(one.id, "age", LATER, keep_since=LATER)
    assert gone == [build_digest("picture 1")]
    assert await archive.delete_old_drafts(LATER) == []
    assert await archive.delete_old_drafts(LATER + MONTH) == [build_digest("seed")]
    assert await drafts.get(draft.id) is None


async def test_only_jobs_that_have_ended_long_ago_are_old(database: Database) -> None:
    archive = ArchiveStore(database)
    one = await store_ended_job(database, 1, "seed")
    async with database.write() as tx:
        assert await JobStore(database).insert_job(tx, build_job(2))
    assert await archive.list_expired_jobs(NOW, 10) == []
    assert await archive.list_expired_jobs(LATER - MONTH, 10) == [one.id]
    await archive.record_removal(one.id, "age", LATER, keep_since=LATER)
    assert await archive.list_expired_jobs(LATER - MONTH, 10) == []


async def test_a_draft_is_used_up_by_one_interaction(database: Database) -> None:
    drafts = DraftStore(database)
    draft = Draft(DraftId("d"), GuildId(10), UserId(30), "{}", NOW)
    await drafts.save_draft(draft)
    one, two = InteractionId(1), InteractionId(2)
    assert [await drafts.use_draft(draft.id, by) for by in (one, two, one)] == [True, False, True]
    await drafts.restore_draft(draft.id, two)
    assert await drafts.get(draft.id) is None
    await drafts.restore_draft(draft.id, one)
    assert await drafts.get(draft.id) == draft


async def test_a_line_of_descent_is_read_from_the_nearest_up(database: Database) -> None:
    lineage = LineageStore(database)
    first = await store_ended_job(database, 1, "a")
    second = await store_ended_job(database, 2, "b", first)
    third = await store_ended_job(database, 3, "c", second)
    assert await lineage.list_ancestors(first.id) == []
    assert await lineage.list_ancestors(third.id) == [
        LineageLink(third.id, PictureRef(second.id, 0), Margins(left=64).left, 0),
        LineageLink(second.id, PictureRef(first.id, 0), 64, 0),
    ]
