"""Age-restricted channels in tests."""

from __future__ import annotations

from tests.support.app_fixture import AppFixture

DEN = "den"
"""An age-restricted channel."""


def add_adult_channel(app_fixture: AppFixture) -> str:
    """Add an age-restricted channel; return its name."""
    app_fixture.discord.guild.add_channel(DEN, nsfw=True)
    return DEN
