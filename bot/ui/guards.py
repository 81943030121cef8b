"""What a member may see, reach or change: checks that several handlers and commands share."""

from __future__ import annotations

from bot.domain.guild import MenuPolicy
from bot.domain.ids import UserId
from bot.domain.job import Job
from bot.errors import PressRefused
from bot.services.pictures import Shown
from bot.ui.authority import moderates
from bot.ui.desk import Desk
from bot.ui.replies import Interaction, origin_of
from bot.ui.router import Press


async def get_visible_picture(press: Press) -> Shown:
    """Return the picture that was pressed; one that was private is its member's alone."""
    ref = press.picture
    shown = await press.desk.pictures.shown(ref.job_id, press.origin, ref.ordinal)
    if shown.job.order.private and shown.job.origin.user_id != press.origin.user_id:
        raise PressRefused("not_yours")
    return shown


async def get_reachable_picture(press: Press) -> Shown:
    """Return a picture to go on from: its member may have kept it from others' use."""
    shown = await get_visible_picture(press)
    if press.origin.guild_id != shown.job.origin.guild_id:
        raise PressRefused("direct_message")
    owner = shown.job.origin.user_id
    if owner != press.origin.user_id and not await press.desk.privacy.shares(owner):
        raise PressRefused("opted_out")
    return shown


async def get_own_job(press: Press) -> Job:
    """Return the job that was pressed; raise `PressRefused` for who neither made nor moderates."""
    job = await press.desk.pictures.job(press.job_id, press.origin)
    if not press.owns(job.origin.user_id):
        raise PressRefused("not_yours")
    return job


async def check_source(interaction: Interaction, desk: Desk, author: UserId) -> None:
    """Raise `PressRefused` where a picture of this author may not be taken by who asks, now."""
    origin = origin_of(interaction)
    if author == origin.user_id:
        return
    if not await desk.privacy.shares(author):
        raise PressRefused("opted_out")
    allowed = (await desk.rules.guilds.get(origin.guild_id)).menu_on_others
    barred = allowed is MenuPolicy.MODERATORS and not moderates(interaction)
    if allowed is MenuPolicy.NOBODY or barred:
        raise PressRefused("menu_closed")
