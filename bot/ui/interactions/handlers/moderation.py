"""Report forms of members, and case buttons of moderators."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.moderation import ActionKind, MemberBlock, Report
from bot.domain.order import PictureRef
from bot.domain.text.numbers import parse_digits
from bot.errors import ComponentReason, ComponentRefused
from bot.services.moderation.actions import ModerationServices
from bot.services.pictures.library import SelectedPicture
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations
from bot.ui.interactions.guards import get_known_picture
from bot.ui.interactions.moderator_access import require_case_access, require_case_card
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.texts import moderation as texts
from bot.ui.views import modals
from bot.ui.views.base import build_note
from bot.ui.views.payloads import CasePayload

MAX_BLOCK_DAYS: Final = 3650


async def open_report_form(event: ComponentEvent, ref: PictureRef) -> None:
    """Show the form, unless the report would be refused: no reason is written in vain."""
    shown, origin = await _get_reportable_picture(event, ref), event.origin
    reports = event.services.moderation.reports
    await reports.check_reporter(origin.guild_id, shown.job.id, origin.user_id)
    await event.interaction.response.send_modal(modals.build_report_modal(event.controls, ref))


async def submit_report(event: ComponentEvent, ref: PictureRef) -> None:
    """Report the picture; what was written comes back to its member if that is refused."""
    await event.interaction.response.defer(ephemeral=True, thinking=True)
    reason, origin = event.get_field(modals.REASON).strip(), event.origin
    try:
        shown = await _get_reportable_picture(event, ref)
        report = Report(origin.guild_id, shown.job.id, origin.user_id, reason)
        has_card = await event.services.moderation.reports.report_result(report)
    except Refusal:
        if reason:
            note = build_note(texts.describe_unsent_report(event.gettext, reason))
            await event.interaction.followup.send(view=note, ephemeral=True)
        raise
    await event.show_note(event.gettext(texts.REPORT_RECEIVED if has_card else texts.REPORT_KEPT))


async def _get_reportable_picture(event: ComponentEvent, ref: PictureRef) -> SelectedPicture:
    if event.origin.is_personal:
        raise ComponentRefused(ComponentReason.NO_MODERATORS)
    return await get_known_picture(event, ref)


async def handle_case_action(event: ComponentEvent, payload: CasePayload) -> None:
    """Run a case action; permissions are checked again, as the card may be old."""
    job_id, kind = payload.job_id, payload.kind
    guild, actor, job = await require_case_access(event.interaction, event.services, job_id)
    await require_case_card(event.interaction, event.services, job)
    if kind is ActionKind.BLOCK:
        form = modals.build_block_modal(event.controls, job_id)
        await event.interaction.response.send_modal(form)
        return
    await event.interaction.response.defer(ephemeral=True, thinking=True)
    text = await _apply_action(event.services.moderation, event.gettext, kind, guild, job_id, actor)
    await event.show_note(text)


async def block_author(event: ComponentEvent, job_id: JobId) -> None:
    guild, actor, job = await require_case_access(event.interaction, event.services, job_id)
    moderation = event.services.moderation
    days = parse_days(event.get_field(modals.DAYS))
    now = event.services.clock.now()
    until = None if days is None else now + timedelta(days=days)
    await event.interaction.response.defer(ephemeral=True, thinking=True)
    author = job.origin.user_id
    reason = event.get_field(modals.REASON).strip()
    await moderation.members.block_member(MemberBlock(guild, author, actor, reason, until), job.id)
    text = texts.describe_block(event.gettext, author, until)
    await event.show_note(text)


async def _apply_action(
    moderation: ModerationServices,
    _: Translations,
    kind: ActionKind,
    guild: GuildId,
    job: JobId,
    actor: UserId,
) -> str:
    match kind:
        case ActionKind.APPROVE | ActionKind.DECLINE:
            await moderation.decisions.decide_approval(guild, job, kind, actor)
            return texts.describe_decision(_, kind)
        case ActionKind.REMOVE:
            results, clean = await moderation.removal.remove_result(guild, job, actor)
            return texts.describe_removal(_, results, all_deleted=clean)
        case ActionKind.SPOILER:
            await moderation.spoilers.add_spoiler(guild, job, actor)
            return _(texts.SPOILER_ADDED)
        case ActionKind.REFUND:
            given = await moderation.decisions.refund_job(guild, job, actor)
            return texts.describe_refund(_, given)
        case ActionKind.DISMISS:
            await moderation.decisions.dismiss_reports(guild, job, actor)
            return _(texts.REPORTS_DISMISSED)
        case _:
            raise ComponentRefused(ComponentReason.FORGED)


def parse_days(text: str) -> int | None:
    """Parse days, 1 to 3650, or None if empty; raise `ComponentRefused` for anything else."""
    if not text.strip():
        return None
    days = parse_digits(text)
    if days is None or not 1 <= days <= MAX_BLOCK_DAYS:
        raise ComponentRefused(ComponentReason.NOT_DAYS)
    return days


HANDLERS: Final[dict[Action, Handler]] = {
    Action.REPORT: open_report_form,
    Action.REPORT_FORM: submit_report,
    Action.CASE_ACTION: handle_case_action,
    Action.BLOCK_FORM: block_author,
}
