"""What `costs`, `jobs` and `why` print for people: dollars, names beside IDs, a header row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.cli.output.tables import format_table
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.job import Job
from bot.domain.moderation import MemberBlock
from sandbox.discord.model.records import Guild
from tests.acceptance.operation.test_startup_checks import build_environment, find_free_address
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload
from tests.support.program import run_program

ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}


async def place_order(app_fixture: AppFixture) -> Job:
    image = encode_upload(draw_photograph())
    return await app_fixture.wait_for_job(
        await app_fixture.ana.slash("expand", image=image, **ORDER)
    )


def get_guild(app_fixture: AppFixture) -> Guild:
    return app_fixture.discord.state.world.guild


async def read_lines(app_fixture: AppFixture, *words: str, **changes: str) -> list[str]:
    """Run a command beside the bot and return what it printed."""
    folder = app_fixture.data_dir
    environment = build_environment(app_fixture, folder.parent)
    settings = {name: each for name, each in environment.items() if name.startswith("EXPANSE_")}
    settings |= {"EXPANSE_STORAGE__DATA_DIR": str(folder), **changes}
    ended = await run_program(*words, cwd=folder.parent, **settings)
    assert (ended.code, ended.err) == (0, [])
    return ended.out


def split_cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


async def test_costs_are_dollars_by_day_and_by_named_server(app_fixture: AppFixture) -> None:
    job = await place_order(app_fixture)
    guild, day = get_guild(app_fixture), job.created_at.astimezone(UTC)
    lines = await read_lines(app_fixture, "costs", "--audit")
    assert [split_cells(line) for line in lines] == [
        ["day (UTC)", "spent", "on hold"],
        [f"{day:%Y-%m-%d}", "$0.05", "$0.00"],
        [],
        ["server", "server ID", "month", "spent", "on hold"],
        [guild.name, str(guild.id), f"{day:%Y-%m}", "$0.05", "$0.00"],
        [],
        ["Jobs: 1 settled"],
        ["The ledger balances."],
    ]


async def test_costs_without_discord_show_ids_and_say_why(app_fixture: AppFixture) -> None:
    await place_order(app_fixture)
    base = f"http://{find_free_address()}/api/v10"
    lines = await read_lines(app_fixture, "costs", EXPANSE_DISCORD__API_BASE=base)
    assert split_cells(lines[4])[:2] == ["?", str(app_fixture.discord.guild.id)]
    assert lines[5] == (
        f"Servers have no names here. Discord doesn't answer at {base}. Check discord.api_base."
    )


async def test_jobs_are_listed_and_shown_with_names_and_dollars(app_fixture: AppFixture) -> None:
    job = await place_order(app_fixture)
    guild, ana = get_guild(app_fixture), app_fixture.ana
    header, row = await read_lines(app_fixture, "jobs", "list")
    assert split_cells(header) == [
        *("job", "state", "ordered", "server", "server ID", "member", "member ID", "pictures"),
        *("money", "failure"),
    ]
    when = f"{job.created_at:%Y-%m-%d %H:%M} UTC"
    assert split_cells(row) == [
        *(job.id, "settled", when, guild.name, str(guild.id), job.origin.user_name, str(ana.id)),
        *("1", "$0.05 spent"),
    ]
    shown = await read_lines(app_fixture, "jobs", "show", job.id)
    cells = [split_cells(line) for line in shown]
    assert ["member", job.origin.user_name] in cells
    assert ["time", "from", "to", "detail"] in cells
    entries = cells[cells.index(["time", "entry", "amount", "account"]) + 1 :]
    assert {tuple(entry[1:3]) for entry in entries} == {
        *(("hold", "$0.05"), ("settle", "$0.05"), ("hold", "1 pictures"), ("settle", "1 pictures"))
    }
    assert await read_lines(app_fixture, "jobs", "list", "--state", "parked") == ["No jobs found."]


async def test_why_lists_every_limit_and_what_else_refuses(app_fixture: AppFixture) -> None:
    guild, user = GuildId(app_fixture.discord.guild.id), UserId(app_fixture.ana.id)
    asked = ("why", "--guild", str(guild), "--user", str(user))
    accepted = await read_lines(app_fixture, *asked)
    assert accepted[0] == "This order would be accepted."
    table = [split_cells(line) for line in accepted[2:]]
    assert [row[:5] for row in table] == [
        ["limit", "used", "of", "asked", "verdict"],
        ["pictures per command", "0", "4", "1", "allows"],
        ["member's open orders", "0", "4", "1", "allows"],
        ["everybody's open orders", "0", "500", "1", "allows"],
        ["member's pictures today", "0", "20", "1", "allows"],
        ["the same, with refunded ones", "0", "100", "1", "allows"],
        ["member's money this month", "$0.00", "$10.00", "$0.05", "allows"],
        ["server's money this month", "$0.00", "$100.00", "$0.05", "allows"],
        ["everybody's money today (UTC)", "$0.00", "$10.00", "$0.05", "allows"],
        ["everybody's money in ten minutes", "$0.00", "$5.00", "$0.05", "allows"],
    ]
    await refuse_ana(app_fixture, guild, user)
    refused = await read_lines(app_fixture, *asked, "--results", "3", "--channel", "7")
    assert refused[:3] == [
        "This order would be refused.",
        "New orders are paused: tea time.",
        "Moderators blocked the member: too many cats.",
    ]
    verdicts = {tuple(row[:5]) for row in map(split_cells, refused[4:])}
    assert ("pictures per command", "0", "2", "3", "REFUSES") in verdicts


async def refuse_ana(app_fixture: AppFixture, guild: GuildId, user: UserId) -> None:
    """Pause all orders, block Ana, and allow two pictures per command."""
    core, now = app_fixture.core, datetime.now(UTC)
    await core.admission.pause_orders("tea time")
    await core.moderation.block_member(
        MemberBlock(guild, user, UserId(2), "too many cats", None), now
    )
    await core.guilds.set_value(guild, "results_per_command", 2, UserId(2), now)


async def test_a_server_that_allows_some_channels_refuses_the_others(
    app_fixture: AppFixture,
) -> None:
    guild, user = GuildId(app_fixture.discord.guild.id), UserId(app_fixture.ana.id)
    channels, now = (ChannelId(5),), datetime.now(UTC)
    await app_fixture.core.guilds.set_value(guild, "allowed_channels", channels, UserId(2), now)
    asked = ("why", "--guild", str(guild), "--user", str(user))
    assert (await read_lines(app_fixture, *asked))[0] == "This order would be accepted."
    refused = await read_lines(app_fixture, *asked, "--channel", "7")
    assert refused[1] == "The server allows orders only in channels 5."
    allowed = await read_lines(app_fixture, *asked, "--channel", "5")
    assert allowed[0] == "This order would be accepted."


def test_a_table_obeys_nobody_and_stays_aligned() -> None:
    rows = [("Ann\x1b[2J\u202e", "$5.00"), ("日本語", "$10.00"), ("x" * 50, "$0.05")]
    assert format_table(("name", "spent"), rows) == [
        "name" + " " * 38 + " spent",
        "Ann [2J" + " " * 35 + " $5.00",
        "日本語" + " " * 36 + "$10.00",
        "x" * 39 + "…" + "   $0.05",
    ]
