"""Nothing crosses from one guild to another: random sequences of what moderators of two may do."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.guild import GuildSettings, PersonalGrant
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, MessageId, TaskUuid, UserId
from bot.domain.job import Job
from bot.domain.moderation import Act, ActKind, ApprovalState, Block, Card, Report
from bot.errors import PressRefused
from bot.images.workers import ImageWorkers
from bot.services.cases import Cases
from bot.storage.approvals import ApprovalStore
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.guilds import GuildStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore
from bot.storage.moderation import ModerationStore
from tests.storage.jobs import NOW, job

MIA, ANA = UserId(1), UserId(30)
CARD = Card(ChannelId(5), MessageId(6))
MEMBERS = ("set", "block", "unblock", "grant", "revoke")
DEEDS = (*MEMBERS, "report", "card", "close", "queue", "decide", "look", "look")
STEP = st.tuples(st.sampled_from(DEEDS), st.booleans(), st.booleans(), st.integers(0, 2))
SEQUENCE = st.lists(STEP, min_size=50, max_size=50)
_TABLES = ("guild_setting", "guild_change", "personal_grant", "block", "act", "report", "approval")
Snapshot = list[str]


@dataclass(slots=True)
class Town:
    """Two guilds in one database; `jobs` are theirs, one each."""

    database: Database
    cases: Cases
    guilds: tuple[GuildId, GuildId]
    jobs: tuple[Job, Job]
    look_at_all: str

    @property
    def store(self) -> ModerationStore:
        return ModerationStore(self.database)

    @property
    def settled(self) -> GuildStore:
        return GuildStore(self.database)

    @property
    def approvals(self) -> ApprovalStore:
        return ApprovalStore(self.database)

    async def snapshot(self, guild: GuildId) -> Snapshot:
        """Return all that is kept of a guild, table by table, as JSON."""
        row = await self.database.reader.one(self.look_at_all, {"guild": guild})
        assert row is not None
        return [str(part) for part in row]

    async def do(self, deed: str, guild: GuildId, target: JobId, number: int) -> None:
        """Do one thing as a moderator of a guild, to a job that may be the other's."""
        if deed in MEMBERS:
            await self._do_to_member(deed, guild, number)
        else:
            await self._do_to_job(deed, guild, target, number)

    async def _do_to_member(self, deed: str, guild: GuildId, number: int) -> None:
        store = self.store
        match deed:
            case "set":
                await self.settled.set(guild, "tolerance", number, MIA, NOW)
            case "block":
                await store.block(Block(guild, ANA, MIA, str(number), None), NOW)
            case "unblock":
                await store.unblock(guild, ANA, MIA, NOW)
            case "grant":
                await self.settled.grant(guild, PersonalGrant(ANA, number, None), MIA, NOW)
            case "revoke":
                async with self.database.write() as tx:
                    await self.settled.revoke_in(tx, guild, ANA)

    async def _do_to_job(self, deed: str, guild: GuildId, target: JobId, number: int) -> None:
        store, act = self.store, Act(guild, MIA, NOW, ActKind.APPROVE, job=target)
        match deed:
            case "report":
                async with self.database.write() as tx:
                    await store.report(tx, Report(guild, target, UserId(number), "ugly"), NOW)
            case "card":
                await store.note_report_card(guild, target, CARD)
            case "close":
                async with self.database.write() as tx:
                    await store.close_reports(tx, act, target)
            case "queue":
                await self.approvals.note_card(guild, target, CARD)
            case "decide":
                await self.approvals.decide(act, ApprovalState.APPROVED)
            case _:
                await self.look(guild, target)

    async def look(self, guild: GuildId, target: JobId) -> None:
        """Read by every way that leads from a guild to a job."""
        mine = self.jobs[self.guilds.index(guild)].id
        if target == mine:
            await self.cases.job(guild, target)
            return
        with pytest.raises(PressRefused):
            await self.cases.job(guild, target)
        assert await self.approvals.get(guild, target) is None
        assert await self.store.open_reports(guild, target) is None
        assert await self.store.acts_about(guild, target) == []
        assert target not in await self.approvals.waiting(guild, 9)


async def looking(database: Database) -> str:
    """Write the one statement that reads all tables of a guild."""
    parts = []
    for table in _TABLES:
        columns = await database.reader.all(f"SELECT name FROM pragma_table_info('{table}')")  # noqa: S608
        names = ", ".join(column["name"] for column in columns)
        rows = f"SELECT json_array({names}) AS row FROM {table} WHERE guild_id = :guild ORDER BY 1"  # noqa: S608
        parts.append(f"(SELECT group_concat(row) FROM ({rows}))")  # noqa: S608 - names of our own
    return f"SELECT {', '.join(parts)}"


async def founded(database: Database, cases: Cases, number: int) -> Town:
    guilds = GuildId(1000 + 2 * number), GuildId(1001 + 2 * number)
    jobs = []
    for guild in guilds:
        made = job(guild)
        origin = replace(made.origin, guild_id=guild, interaction_id=InteractionId(guild))
        made = replace(made, origin=origin, task_uuid=TaskUuid(made.task_uuid))
        async with database.write() as tx:
            await JobStore(database).insert(tx, made)
        await ApprovalStore(database).wait(guild, made.id, NOW)
        jobs.append(made)
    return Town(database, cases, guilds, (jobs[0], jobs[1]), await looking(database))


async def played(town: Town, steps: list[tuple[str, bool, bool, int]]) -> None:
    kept = [await town.snapshot(guild) for guild in town.guilds]
    for deed, first, foreign, number in steps:
        here = 0 if first else 1
        target = town.jobs[1 - here if foreign else here].id
        await town.do(deed, town.guilds[here], target, number)
        other = await town.snapshot(town.guilds[1 - here])
        assert other == kept[1 - here], (deed, foreign)
        kept[here] = await town.snapshot(town.guilds[here])
        assert town.jobs[1 - here].id not in "".join(kept[here])


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as opened:
        yield opened


@pytest.fixture(scope="module")
def town_hall(
    runner: asyncio.Runner, image_workers: ImageWorkers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Cases]]:
    folder: Path = tmp_path_factory.mktemp("two-guilds")
    opened = Database.open(folder / "expanse.db")
    database = runner.run(opened.__aenter__())
    # nothing here is about the disk, and waiting for it 5,000 times takes a minute
    runner.run(unsynced(database))
    files = FileStore(folder / "files")
    yield (
        database,
        Cases(
            JobStore(database),
            LineageStore(database),
            files,
            image_workers,
            ModerationStore(database),
        ),
    )
    runner.run(opened.__aexit__(None, None, None))


async def unsynced(database: Database) -> None:
    await database._writer.execute("PRAGMA synchronous = OFF")


NUMBERS = itertools.count()


@settings(max_examples=100, suppress_health_check=list(HealthCheck), database=None)
@given(steps=SEQUENCE)
def test_five_thousand_steps_leave_the_other_guild_untouched(
    runner: asyncio.Runner,
    town_hall: tuple[Database, Cases],
    steps: list[tuple[str, bool, bool, int]],
) -> None:
    town = runner.run(founded(*town_hall, next(NUMBERS)))
    runner.run(played(town, steps))


def test_a_guild_that_has_set_nothing_has_the_defaults(
    runner: asyncio.Runner, town_hall: tuple[Database, Cases]
) -> None:
    assert runner.run(GuildStore(town_hall[0]).get(GuildId(7))) == GuildSettings()
