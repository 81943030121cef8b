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

from bot.clock import SystemClock
from bot.composition.exposure import build_exposure
from bot.domain.guild import GuildSettings, PersonalGrant
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, MessageId, TaskUuid, UserId
from bot.domain.job import Job
from bot.domain.moderation import (
    ActionKind,
    ApprovalState,
    CardLocation,
    MemberBlock,
    ModerationAction,
    Report,
)
from bot.errors import ComponentRefused
from bot.images.worker_pool import ImageWorkerPool
from bot.services.moderation.cases import CaseBuilder
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job
from tests.support.services.picture_channels import OrdinaryChannels

MIA, ANA = UserId(1), UserId(30)
CARD = CardLocation(ChannelId(5), MessageId(6))
MEMBERS = ("set", "block", "unblock", "grant", "revoke")
ACTIONS = (*MEMBERS, "report", "card", "close", "queue", "decide", "look", "look")
STEP = st.tuples(st.sampled_from(ACTIONS), st.booleans(), st.booleans(), st.integers(0, 2))
SEQUENCE = st.lists(STEP, min_size=50, max_size=50)
_TABLES = ("guild_setting", "guild_change", "personal_grant", "block", "act", "report", "approval")
Snapshot = list[str]


@dataclass(slots=True)
class TwoGuilds:
    """Two guilds in one database; `jobs` are theirs, one each."""

    database: Database
    cases: CaseBuilder
    guilds: tuple[GuildId, GuildId]
    jobs: tuple[Job, Job]
    snapshot_query: str

    @property
    def store(self) -> ModerationStore:
        return ModerationStore(self.database)

    @property
    def settings(self) -> GuildSettingsStore:
        return GuildSettingsStore(self.database)

    @property
    def approvals(self) -> ApprovalStore:
        return ApprovalStore(self.database)

    async def snapshot(self, guild: GuildId) -> Snapshot:
        """Return all that is kept of a guild, table by table, as JSON."""
        row = await self.database.reader.fetch_one(self.snapshot_query, {"guild": guild})
        assert row is not None
        return [str(part) for part in row]

    async def run_deed(self, deed: str, guild: GuildId, target: JobId, number: int) -> None:
        """Do one thing as a moderator of a guild, to a job that may be the other's."""
        if deed in MEMBERS:
            await self._do_to_member(deed, guild, number)
        else:
            await self._do_to_job(deed, guild, target, number)

    async def _do_to_member(self, deed: str, guild: GuildId, number: int) -> None:
        store = self.store
        match deed:
            case "set":
                await self.settings.set_value(guild, "tolerance", number, MIA, NOW)
            case "block":
                await store.block_member(MemberBlock(guild, ANA, MIA, str(number), None), NOW)
            case "unblock":
                await store.unblock_member(guild, ANA, MIA, NOW)
            case "grant":
                await self.settings.add_grant(guild, PersonalGrant(ANA, number, None), MIA, NOW)
            case "revoke":
                async with self.database.write() as tx:
                    await self.settings.delete_grant(tx, guild, ANA)

    async def _do_to_job(self, deed: str, guild: GuildId, target: JobId, number: int) -> None:
        store, act = (
            self.store,
            ModerationAction(guild, MIA, NOW, ActionKind.APPROVE, job=target),
        )
        match deed:
            case "report":
                async with self.database.write() as tx:
                    await store.add_report(tx, Report(guild, target, UserId(number), "ugly"), NOW)
            case "card":
                await store.save_report_card(guild, target, CARD)
            case "close":
                async with self.database.write() as tx:
                    await store.close_reports(tx, act, target)
            case "queue":
                await self.approvals.save_card(guild, target, CARD)
            case "decide":
                await self.approvals.record_decision(act, ApprovalState.APPROVED)
            case _:
                await self.assert_out_of_reach(guild, target)

    async def assert_out_of_reach(self, guild: GuildId, target: JobId) -> None:
        """Read by every way that leads from a guild to a job."""
        mine = self.jobs[self.guilds.index(guild)].id
        if target == mine:
            await self.cases.get_job(guild, target)
            return
        with pytest.raises(ComponentRefused):
            await self.cases.get_job(guild, target)
        assert await self.approvals.get(guild, target) is None
        assert await self.store.find_open_reports(guild, target) is None
        assert await self.store.list_acts_about(guild, target) == []
        assert target not in await self.approvals.list_waiting_jobs(guild)


async def build_snapshot_query(database: Database) -> str:
    """Write the one statement that reads all tables of a guild."""
    parts = []
    for table in _TABLES:
        columns = await database.reader.fetch_all(f"SELECT name FROM pragma_table_info('{table}')")  # noqa: S608
        names = ", ".join(column["name"] for column in columns)
        rows = f"SELECT json_array({names}) AS row FROM {table} WHERE guild_id = :guild ORDER BY 1"  # noqa: S608
        parts.append(f"(SELECT group_concat(row) FROM ({rows}))")  # noqa: S608 - names of our own
    return f"SELECT {', '.join(parts)}"


async def create_two_guilds(database: Database, cases: CaseBuilder, number: int) -> TwoGuilds:
    guilds = GuildId(1000 + 2 * number), GuildId(1001 + 2 * number)
    jobs = []
    for guild in guilds:
        made = build_job(guild)
        origin = replace(made.origin, guild_id=guild, interaction_id=InteractionId(guild))
        made = replace(made, origin=origin, task_uuid=TaskUuid(made.task_uuid))
        async with database.write() as tx:
            await JobStore(database).insert_job(tx, made)
        await ApprovalStore(database).add_waiting(guild, made.id, NOW)
        jobs.append(made)
    return TwoGuilds(
        database, cases, guilds, (jobs[0], jobs[1]), await build_snapshot_query(database)
    )


async def run_steps(town: TwoGuilds, steps: list[tuple[str, bool, bool, int]]) -> None:
    kept = [await town.snapshot(guild) for guild in town.guilds]
    for deed, first, foreign, number in steps:
        here = 0 if first else 1
        target = town.jobs[1 - here if foreign else here].id
        await town.run_deed(deed, town.guilds[here], target, number)
        other = await town.snapshot(town.guilds[1 - here])
        assert other == kept[1 - here], (deed, foreign)
        kept[here] = await town.snapshot(town.guilds[here])
        assert town.jobs[1 - here].id not in "".join(kept[here])


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as opened:
        yield opened


@pytest.fixture(scope="module")
def guilds_setup(
    runner: asyncio.Runner, image_workers: ImageWorkerPool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, CaseBuilder]]:
    folder: Path = tmp_path_factory.mktemp("two-guilds")
    opened = Database.open(folder / "expanse.db")
    database = runner.run(opened.__aenter__())
    # nothing here is about the disk, and waiting for it 5,000 times takes a minute
    runner.run(disable_sync(database))
    files = FileStore(folder / "files")
    yield (
        database,
        CaseBuilder(
            JobStore(database),
            LineageStore(database),
            files,
            image_workers,
            ModerationStore(database),
            build_exposure(database, SystemClock(), OrdinaryChannels())[1],
            ArchiveStore(database),
        ),
    )
    runner.run(opened.__aexit__(None, None, None))


async def disable_sync(database: Database) -> None:
    await database._writer.execute("PRAGMA synchronous = OFF")


NUMBERS = itertools.count()


@settings(max_examples=100, suppress_health_check=list(HealthCheck), database=None)
@given(steps=SEQUENCE)
def test_five_thousand_steps_leave_the_other_guild_untouched(
    runner: asyncio.Runner,
    guilds_setup: tuple[Database, CaseBuilder],
    steps: list[tuple[str, bool, bool, int]],
) -> None:
    town = runner.run(create_two_guilds(*guilds_setup, next(NUMBERS)))
    runner.run(run_steps(town, steps))


def test_a_guild_that_has_set_nothing_has_the_defaults(
    runner: asyncio.Runner, guilds_setup: tuple[Database, CaseBuilder]
) -> None:
    assert runner.run(GuildSettingsStore(guilds_setup[0]).get(GuildId(7))) == GuildSettings()
