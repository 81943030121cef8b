"""What is removed when: a file goes with the last that needs it, and the books stay."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from bot.domain.geometry import Margins, Size
from bot.domain.ids import Digest, DraftId, GuildId, InteractionId, JobId, UserId
from bot.domain.job import Job, JobState, Result
from bot.domain.order import PictureRef
from bot.domain.request import Direction, Directional
from bot.storage.archive import ArchiveStore
from bot.storage.database import Database
from bot.storage.drafts import Draft, DraftStore
from bot.storage.jobs import Change, JobStore
from bot.storage.lineage import LineageStore, Link
from tests.storage.jobs import NOW, job

LATER = NOW + timedelta(days=40)
MONTH = timedelta(days=30)


def digest(of: str) -> Digest:
    return Digest(hashlib.sha256(of.encode()).hexdigest())


async def ended(database: Database, number: int, seed: str, parent: Job | None = None) -> Job:
    """Put a job there that has ended, with a seed image and one picture of its own."""
    jobs, new = JobStore(database), job(number, Directional(Direction.LEFT, 64))
    if parent is not None:
        attachment = replace(new.order.attachment, declared=Size(640, 480))
        order = replace(new.order, attachment=attachment, parent=PictureRef(parent.id, 0))
        new = replace(new, order=order)
    async with database.write() as tx:
        assert await jobs.insert(tx, new)
        moved = await jobs.move(tx, new, JobState.PREPARED, NOW, Change(seed=digest(seed)))
        own = digest(f"picture {number}")
        result = Result(0, str(number), "u", 1, None, raw=own, delivered=own)
        await jobs.put_results(tx, moved, [result])
        return await jobs.move(tx, moved, JobState.FAILED, NOW, Change())


async def test_a_shared_file_goes_with_the_last_job_that_needs_it(database: Database) -> None:
    archive = ArchiveStore(database)
    one, two = await ended(database, 1, "shared"), await ended(database, 2, "shared")
    gone = await archive.remove(one.id, "age", LATER, keep_since=LATER)
    assert gone == [digest("picture 1")]
    assert await archive.is_removed(one.id)
    gone = await archive.remove(two.id, "age", LATER, keep_since=LATER)
    assert set(gone) == {digest("picture 2"), digest("shared")}


async def test_a_file_that_a_draft_needs_stays_until_the_draft_is_old(database: Database) -> None:
    archive, drafts = ArchiveStore(database), DraftStore(database)
    one = await ended(database, 1, "seed")
    draft = Draft(DraftId("d"), GuildId(10), UserId(30), "{}", LATER, digest("seed"))
    await drafts.put(draft)
    gone = await archive.remove(one.id, "age", LATER, keep_since=LATER)
    assert gone == [digest("picture 1")]
    assert await archive.old_drafts(LATER) == []
    assert await archive.old_drafts(LATER + MONTH) == [digest("seed")]
    assert await drafts.get(draft.id) is None


async def test_only_jobs_that_have_ended_long_ago_are_old(database: Database) -> None:
    archive = ArchiveStore(database)
    one = await ended(database, 1, "seed")
    async with database.write() as tx:
        assert await JobStore(database).insert(tx, job(2))
    assert await archive.old(NOW, 10) == []
    assert await archive.old(LATER - MONTH, 10) == [one.id]
    await archive.remove(one.id, "age", LATER, keep_since=LATER)
    assert await archive.old(LATER - MONTH, 10) == []


async def test_a_draft_is_used_up_by_one_interaction(database: Database) -> None:
    drafts = DraftStore(database)
    draft = Draft(DraftId("d"), GuildId(10), UserId(30), "{}", NOW)
    await drafts.put(draft)
    one, two = InteractionId(1), InteractionId(2)
    assert [await drafts.take(draft.id, by) for by in (one, two, one)] == [True, False, True]
    await drafts.give_back(draft.id, two)
    assert await drafts.get(draft.id) is None
    await drafts.give_back(draft.id, one)
    assert await drafts.get(draft.id) == draft


async def test_a_line_of_descent_is_read_from_the_nearest_up(database: Database) -> None:
    lineage = LineageStore(database)
    first = await ended(database, 1, "a")
    second = await ended(database, 2, "b", first)
    third = await ended(database, 3, "c", second)
    assert await lineage.ancestors(first.id) == []
    assert await lineage.ancestors(third.id) == [
        Link(third.id, PictureRef(second.id, 0), Margins(left=64).left, 0),
        Link(second.id, PictureRef(first.id, 0), 64, 0),
    ]


async def test_erasing_takes_the_person_out_of_a_job_that_has_ended(database: Database) -> None:
    archive = ArchiveStore(database)
    one = await ended(database, 1, "seed")
    await archive.erase(one.id, replace(one.order, prompt=""))
    kept = await JobStore(database).get(JobId(one.id))
    assert kept is not None
    assert (kept.origin.user_name, kept.order.prompt) == ("", "")
    assert await archive.count(GuildId(10), UserId(30)) == 0
    assert [each.id for each in await archive.all_of(UserId(30))] == [one.id]
