"""Reports by members, and what moderators do about a case by its buttons."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.moderation import ActKind, Block, Report
from bot.errors import PressRefused
from bot.services.moderation import Moderation
from bot.services.pictures import Shown
from bot.ui import modals
from bot.ui import wording_moderation as words
from bot.ui.actions import Action
from bot.ui.authority import moderator
from bot.ui.cards import note
from bot.ui.guards import get_visible_picture
from bot.ui.router import Handler, Press
from bot.ui.speech import Speech

MOST_DAYS: Final = 3650


async def ask_report(press: Press) -> None:
    await _reportable(press)
    await press.interaction.response.send_modal(modals.report(press.controls, *press.row))


async def report(press: Press) -> None:
    shown = await _reportable(press)
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    origin = press.origin
    reason = press.field(modals.REASON).strip()
    await press.desk.moderation.reports.report(
        Report(origin.guild_id, shown.job.id, origin.user_id, reason)
    )
    await press.interaction.edit_original_response(view=note(words.reported(press.say)))


async def _reportable(press: Press) -> Shown:
    if press.origin.is_personal:
        raise PressRefused("no_moderators")
    return await get_visible_picture(press)


async def act(press: Press) -> None:
    """Do what a button of a case says, if the member moderates here now."""
    guild, actor = moderator(press.interaction)
    kind = ActKind(press.row[1])
    await press.desk.moderation.cases.job(guild, press.job_id)
    if kind is ActKind.BLOCK:
        await press.interaction.response.send_modal(modals.block(press.controls, press.job_id))
        return
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    said = await _done(press.desk.moderation, press.say, kind, guild, press.job_id, actor)
    await press.interaction.edit_original_response(view=note(said))


async def block_author(press: Press) -> None:
    guild, actor = moderator(press.interaction)
    moderation = press.desk.moderation
    job = await moderation.cases.job(guild, press.job_id)
    days = days_of(press.field(modals.DAYS))
    now = press.desk.clock.now()
    until = None if days is None else now + timedelta(days=days)
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    author = job.origin.user_id
    reason = press.field(modals.REASON).strip()
    await moderation.block(Block(guild, author, actor, reason, until), job.id)
    said = words.blocked(press.say, author, until)
    await press.interaction.edit_original_response(view=note(said))


async def _done(
    moderation: Moderation, say: Speech, kind: ActKind, guild: GuildId, job: JobId, actor: UserId
) -> str:
    match kind:
        case ActKind.APPROVE | ActKind.DECLINE:
            await moderation.decide(guild, job, kind, actor)
            return words.decided(say, kind)
        case ActKind.REMOVE:
            results, clean = await moderation.remove(guild, job, actor)
            return words.removed(say, results, clean=clean)
        case ActKind.SPOILER:
            await moderation.spoiler(guild, job, actor)
            return words.covered(say)
        case ActKind.REFUND:
            return words.refunded(say, await moderation.refund(guild, job, actor))
        case ActKind.DISMISS:
            await moderation.dismiss(guild, job, actor)
            return words.dismissed(say)
        case _:
            raise PressRefused("forged")


def days_of(text: str) -> int | None:
    """Read a number of days; empty is None. Raises `PressRefused` for anything else."""
    plain = text.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and 1 <= int(plain) <= MOST_DAYS):
        raise PressRefused("not_days")
    return int(plain)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.REPORT: ask_report,
    Action.REPORT_FORM: report,
    Action.ACT: act,
    Action.BLOCK_FORM: block_author,
}
