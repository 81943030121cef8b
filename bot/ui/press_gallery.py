"""Into the gallery and out of it, by buttons."""

from __future__ import annotations

from typing import Final

from bot.domain.gallery import GalleryRefusal
from bot.errors import PressRefused
from bot.ui import ways
from bot.ui import wording_gallery as words
from bot.ui.actions import Action
from bot.ui.authority import moderates
from bot.ui.cards import note
from bot.ui.guards import get_visible_picture
from bot.ui.router import Handler, Press
from bot.ui.wording_ways import needs


async def hang(press: Press) -> None:
    """Show a picture because its author says so."""
    shown = await get_visible_picture(press)
    if shown.job.order.private:
        raise PressRefused("private")
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    gallery, guild = press.desk.gallery, press.origin.guild_id
    refusal = await gallery.invite(
        guild,
        shown.job,
        shown.ordinal,
        press.origin.user_id,
        moderator=moderates(press.interaction),
    )
    settings = await gallery.guilds.get(guild)
    channel = settings.gallery_channel
    if refusal is GalleryRefusal.CLOSED and settings.gallery_frozen:
        said = words.frozen(press.say)
    elif refusal is not None or channel is None:
        said = words.refused(press.say, refusal or GalleryRefusal.CLOSED)
        if refusal is GalleryRefusal.NO_CHANNEL and channel is not None:
            lacking = ways.lacking(press.interaction.client, channel)
            said = f"{said} {needs(press.say, channel, lacking)}"
    else:
        said = words.shown(press.say, channel)
    await press.interaction.edit_original_response(view=note(said))


async def unhang(press: Press) -> None:
    """Take a picture out for good: its author, its source's author, or a moderator."""
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    taken = await press.desk.gallery.withdraw(
        press.origin.guild_id,
        press.job_id,
        press.origin.user_id,
        moderator=moderates(press.interaction),
    )
    if not taken:
        raise PressRefused("not_on_show")
    await press.interaction.edit_original_response(view=note(words.taken_out(press.say)))


HANDLERS: Final[dict[Action, Handler]] = {Action.HANG: hang, Action.UNHANG: unhang}
