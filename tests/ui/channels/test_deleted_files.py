"""A picture deleted just before its post: a retry may help, so it is an ordinary `Transient`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.clock import SystemClock
from bot.domain.gallery import GalleryEntry
from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.job import Job, Result
from bot.domain.moderation import CaseStage
from bot.errors import Transient
from bot.services.ports.channels import ModerationCase
from bot.services.ports.jobs import StoredPicture
from bot.ui.channels.gallery_channel import DiscordGalleryChannel
from bot.ui.channels.moderators_channel import DiscordModeratorsChannel
from bot.ui.channels.publisher import DiscordPublisher
from tests.ui.i18n.test_pseudo_locale import CONTROLS, build_done_job

CHANNEL = ChannelId(7)
DONE: Job = build_done_job()
COVERED = replace(DONE.order.attachment, spoiler=True)
JOB = replace(DONE, order=replace(DONE.order, attachment=COVERED))
"""Covered already, so that nothing is asked of Discord, which this client is not connected to."""


async def get_settings(_guild: GuildId) -> GuildSettings:
    return GuildSettings()


def build_deleted_picture(folder: Path) -> StoredPicture:
    return StoredPicture(Result(0, "image", "http://x/a.png", None, None), folder / "deleted")


async def test_the_gallery_tries_a_deleted_picture_again(tmp_path: Path) -> None:
    entry = GalleryEntry(
        1,
        JOB.origin.guild_id,
        JOB.id,
        0,
        JOB.id,
        UserId(1),
        UserId(1),
        CHANNEL,
        None,
        age_restricted=False,
        shown_channel=CHANNEL,
    )
    async with discord.Client(intents=discord.Intents.none()) as client:
        channel = DiscordGalleryChannel(client, CONTROLS.codec, get_settings)
        with pytest.raises(Transient):
            await channel.post_entry(entry, JOB, build_deleted_picture(tmp_path))


async def test_moderators_get_a_case_again_whose_picture_was_deleted(tmp_path: Path) -> None:
    case = ModerationCase(JOB, [build_deleted_picture(tmp_path)], None, (), CaseStage.WAITS)
    async with discord.Client(intents=discord.Intents.none()) as client:
        publisher = DiscordPublisher(client, CONTROLS.codec, SystemClock())
        channel = DiscordModeratorsChannel(client, CONTROLS.codec, get_settings, publisher)
        with pytest.raises(Transient):
            await channel.post_case(CHANNEL, case, "nonce")
