from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from bot.domain.errors import SettingRefused
from bot.domain.guild import GuildSettings, PersonalGrant, RoleTier
from bot.domain.ids import GuildId, RoleId, UserId
from bot.domain.money import MicroUsd
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW

GUILD, MODERATOR, MEMBER = GuildId(10), UserId(1), UserId(2)


async def test_a_guild_that_has_set_nothing_has_the_defaults(database: Database) -> None:
    assert await GuildSettingsStore(database).get(GUILD) == GuildSettings()


async def test_settings_are_stored_by_name_and_for_their_guild_alone(database: Database) -> None:
    guilds = GuildSettingsStore(database)
    tiers = (RoleTier(RoleId(7), 50),)
    await guilds.set_value(GUILD, "role_tiers", tiers, MODERATOR, NOW)
    await guilds.set_value(GUILD, "usd_per_month", MicroUsd(5_000_000), MODERATOR, NOW)
    expected = GuildSettings(role_tiers=tiers, usd_per_month=MicroUsd(5_000_000))
    assert await guilds.get(GUILD) == expected
    assert await guilds.get(GuildId(11)) == GuildSettings()


async def test_every_change_is_on_record_and_remains_there(database: Database) -> None:
    guilds = GuildSettingsStore(database)
    await guilds.set_value(GUILD, "tolerance", 1, MODERATOR, NOW)
    await guilds.set_value(GUILD, "tolerance", 0, MODERATOR, NOW)
    newest, oldest = await guilds.list_changes(GUILD, 10)
    assert (oldest.before, oldest.after) == ("2", "1")
    assert (newest.before, newest.after, newest.actor) == ("1", "0", MODERATOR)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        async with database.write() as tx:
            await tx.execute("UPDATE guild_change SET after = '6'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tolerance", 7),
        ("tolerance", True),
        ("results_per_user_day", -1),
        ("results_per_command", 0),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../etc"),
        ("role_tiers", (RoleTier(RoleId(1), -1),)),
        ("price", 1),
    ],
)
async def test_a_setting_that_cannot_be_is_refused(
    database: Database, name: str, value: object
) -> None:
    guilds = GuildSettingsStore(database)
    with pytest.raises(SettingRefused) as caught:
        await guilds.set_value(GUILD, name, value, MODERATOR, NOW)
    assert caught.value.name == name
    assert await guilds.list_changes(GUILD, 10) == []


async def test_a_setting_of_a_later_version_is_left_alone(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute("INSERT INTO guild_setting VALUES (10, 'of_tomorrow', '1')")
    assert await GuildSettingsStore(database).get(GUILD) == GuildSettings()


async def test_a_personal_grant_ends_in_its_time(database: Database) -> None:
    guilds = GuildSettingsStore(database)
    grant = PersonalGrant(MEMBER, 100, NOW + timedelta(days=1))
    await guilds.add_grant(GUILD, grant, MODERATOR, NOW)
    assert await guilds.find_grant(database.reader, GUILD, MEMBER, NOW) == grant
    later = NOW + timedelta(days=2)
    assert await guilds.find_grant(database.reader, GUILD, MEMBER, later) is None
