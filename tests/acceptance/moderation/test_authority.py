"""Who may do what, wherever their right comes from and wherever they ask: the whole matrix."""

from __future__ import annotations

from pathlib import Path

from bot.ui.actions import Action
from tests.support.app_fixture import AppFixture
from tests.support.authority.acts import ACTS
from tests.support.authority.matrix import find_differences
from tests.support.authority.requests import expand_acts, list_commands
from tests.support.authority.rights import render_rights


async def test_every_act_has_a_row(app_fixture: AppFixture) -> None:
    commands = list_commands(app_fixture.discord.state.commands.all())
    rows = {act.name for act in expand_acts(commands)}
    assert set(commands) <= rows
    assert {act.action for act in ACTS} >= set(Action)


def test_the_moderators_page_has_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "moderation.md"
    assert render_rights() in page.read_text()


async def test_every_right_counts_where_it_is_given_and_nowhere_else(
    app_fixture: AppFixture,
) -> None:
    differences = await find_differences(app_fixture)
    assert not differences, "\n".join(differences)
