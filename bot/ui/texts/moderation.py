"""Texts for moderators: cases, the change log, responses to commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.ids import UserId
from bot.domain.job import Job
from bot.domain.moderation import ActionKind, CaseStage, ModerationAction, SettingChange
from bot.services.guilds.settings import ChangeLogPage
from bot.services.ports.channels import ModerationCase
from bot.services.prompts.prompt_checks import PromptFinding
from bot.ui.i18n.formatting import (
    describe_request,
    escape_text,
    format_prompt,
    format_timestamp,
    shorten_text,
)
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.job_details import get_message_link
from bot.ui.texts.settings.settings import format_change

_MAX_PROMPT_LENGTH: Final = 600
_MAX_REASON_LENGTH: Final = 120
_MAX_ACTIONS: Final = 8
"""Past actions listed on one card."""
_MAX_REPORTS: Final = 5
"""Reports quoted on one card; the others are only counted."""
ACTION_LABELS: Final = {
    ActionKind.APPROVE: N_("Approve"),
    ActionKind.DECLINE: N_("Decline"),
    ActionKind.REMOVE: N_("Remove everywhere"),
    ActionKind.SPOILER: N_("Put behind a spoiler"),
    ActionKind.BLOCK: N_("Block the author"),
    ActionKind.REFUND: N_("Give the quota back"),
    ActionKind.DISMISS: N_("Nothing wrong"),
}
ACTION_TEXTS: Final = {
    ActionKind.BLOCK: N_("{actor} blocked {user}: {detail}"),
    ActionKind.UNBLOCK: N_("{actor} unblocked {user}."),
    ActionKind.GRANT: N_("{actor} gave {user} {detail} pictures per day."),
    ActionKind.CANCEL: N_("{actor} cancelled {job}."),
    ActionKind.REMOVE: N_("{actor} removed {job} and what was made from it."),
    ActionKind.SPOILER: N_("{actor} put {job} behind a spoiler."),
    ActionKind.UNCOVER: N_("{actor} took {job} out of its spoiler."),
    ActionKind.DELETE: N_("{actor} deleted {job}."),
    ActionKind.REFUND: N_("{actor} gave {user} the quota of {job} back."),
    ActionKind.APPROVE: N_("{actor} approved {job}."),
    ActionKind.DECLINE: N_("{actor} declined {job}."),
    ActionKind.DISMISS: N_("{actor} found nothing wrong with {job}."),
}
_TITLES: Final = {
    CaseStage.REPORTED: N_("Reported picture"),
    CaseStage.WAITS: N_("Waits for approval"),
    CaseStage.SETTLED: N_("Settled case"),
}
_GRANT_REMOVED: Final = N_("{actor} took back what {user} was granted.")


REPORT_FIELD: Final = (N_("What is wrong"), N_("The moderators read this, without your name"))
REASON_FIELD: Final = (N_("Reason"), N_("The member reads it when an order is refused"))
DAYS_FIELD: Final = (N_("Days"), N_("Empty until somebody lifts it"))
ORIGINAL_ALT: Final = N_("The picture as it was before")
RESULT_ALT: Final = N_("Result {number}")
REPORT_RECEIVED: Final = N_(
    "Thank you. The moderators see it now; nobody else learns who reported it."
)
REPORT_KEPT: Final = N_(
    "Thank you. Your report is kept: moderators find it with /moderate queue. Nobody else learns "
    "who reported it."
)
SPOILER_ADDED: Final = N_("It is behind a spoiler now.")
REPORTS_DISMISSED: Final = N_("The reports are closed.")
QUEUE_EMPTY: Final = N_("Nothing waits for a moderator.")


def describe_unsent_report(_: Translations, reason: str) -> str:
    """Return what a member wrote into a report that was refused."""
    return "\n".join([_("This is what you wrote:"), f"> {escape_text(reason)}"])


def describe_case(_: Translations, case: ModerationCase) -> str:
    """Return the facts that a moderator needs to decide a case."""
    job, plan = case.job, case.job.prepared_plan
    lines = [
        f"### {_(_TITLES[case.stage])}",
        f"**{plan.seed} → {plan.canvas}** · {describe_request(_, job.order.request)}",
        _("by {name}", name=f"<@{job.origin.user_id}>") + f" · <#{job.origin.channel_id}>",
        _("Prompt: {prompt}", prompt=format_prompt(_, job.order.prompt, _MAX_PROMPT_LENGTH)),
        _("Safety tolerance: {level}", level=job.order.tolerance_level),
    ]
    if job.order.source_author is not None:
        lines.append(_("from a picture by {name}", name=f"<@{job.order.source_author}>"))
    parents = [get_message_link(parent) or parent.id for parent in case.parents]
    if parents:
        lines.append(_("Grew out of: {pictures}", pictures=_.join_list(parents)))
    lines += _format_reports(_, case.reasons)
    if case.past_acts:
        lines.append(describe_actions(_, case.past_acts))
    gone = {act.kind for act in case.past_acts} & {ActionKind.REMOVE, ActionKind.DELETE}
    link = "" if gone or case.stage is CaseStage.WAITS else get_message_link(job)
    lines.append(f"-# {job.id} · {link}" if link else f"-# {job.id}")
    return "\n".join(lines)


def _format_reports(_: Translations, reasons: Sequence[str]) -> list[str]:
    if not reasons:
        return []
    count = _.ngettext("{count} report", "{count} reports", len(reasons))
    quoted = [
        f"> {escape_text(shorten_text(each, _MAX_REASON_LENGTH))}"
        for each in reasons[-_MAX_REPORTS:]
        if each
    ]
    return [f"**{count}**", *quoted]


def describe_actions(_: Translations, actions: Sequence[ModerationAction]) -> str:
    """List the latest actions on a case, one per line."""
    return "\n".join(
        f"{format_timestamp(act.at, 'f')} {describe_action(_, act)}"
        for act in actions[-_MAX_ACTIONS:]
    )


def describe_action(_: Translations, act: ModerationAction) -> str:
    empty_grant = act.kind is ActionKind.GRANT and not act.detail
    return _(
        _GRANT_REMOVED if empty_grant else ACTION_TEXTS[act.kind],
        actor=f"<@{act.actor}>",
        user=f"<@{act.user}>",
        job=f"`{act.job}`",
        detail=escape_text(shorten_text(act.detail, _MAX_REASON_LENGTH)) or "–",
    )


def describe_log_entry(_: Translations, entry: ModerationAction | SettingChange) -> str:
    if isinstance(entry, ModerationAction):
        return describe_action(_, entry)
    return format_change(_, entry.actor, entry.name, entry.before, entry.after)


def format_log(_: Translations, page: ChangeLogPage) -> str:
    lines = [
        f"- {format_timestamp(entry.at, 'f')} {describe_log_entry(_, entry)}"
        for entry in page.entries
    ]
    number = _("Page {number}", number=page.number + 1)
    title = "### " + _("What was changed and done")
    return "\n".join([title, *(lines or [_("Nothing yet.")]), f"-# {number}"])


def awaiting_approval_text(_: Translations, job: Job) -> str:
    lines = [
        "### " + _("Expanded {order}", order=describe_request(_, job.order.request)),
        _("A moderator of this server looks at it before it is shown. Nothing is left to do."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def describe_declined_result(_: Translations, job: Job) -> str:
    lines = [
        "### " + _("Not shown: {order}", order=describe_request(_, job.order.request)),
        _("A moderator of that server decided not to show this result."),
        _("It was made and counts; ask a moderator if you think that is wrong."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def describe_block(_: Translations, user: UserId, until: datetime | None) -> str:
    if until is None:
        return _("{user} is blocked until somebody lifts it.", user=f"<@{user}>")
    return _("{user} is blocked; it ends {time}.", user=f"<@{user}>", time=format_timestamp(until))


def describe_unblock(_: Translations, user: UserId, *, was_blocked: bool) -> str:
    if was_blocked:
        return _("{user} may order again.", user=f"<@{user}>")
    return _("{user} was not blocked.", user=f"<@{user}>")


def describe_grant(_: Translations, user: UserId, results: int, until: datetime | None) -> str:
    text = _.ngettext(
        "{user} may have {count} picture per day.",
        "{user} may have {count} pictures per day.",
        results,
        user=f"<@{user}>",
    )
    if until is None:
        return f"{text} " + _("That holds until somebody takes it back.")
    return f"{text} " + _("That holds until {time}.", time=format_timestamp(until, "f"))


def describe_grant_removal(_: Translations, user: UserId, *, had_grant: bool) -> str:
    if had_grant:
        return _("{user} has the same quota as everybody again.", user=f"<@{user}>")
    return _("{user} had no quota of their own.", user=f"<@{user}>")


def describe_cancellation(_: Translations, job: Job) -> str:
    return _("Cancelled {job}; what was held is released.", job=f"`{job.id}`")


def describe_removal(_: Translations, results: int, *, all_deleted: bool) -> str:
    text = _.ngettext(
        "{count} result is removed: message, gallery, files.",
        "{count} results are removed: messages, gallery, files.",
        results,
    )
    if all_deleted:
        return text
    return f"{text} " + _("A message could not be deleted; delete it by hand.")


def describe_refund(_: Translations, results: int) -> str:
    if not results:
        return _("There was nothing to give back, or it was given back before.")
    return _.ngettext(
        "{count} picture is given back to its member's day; the dollars stay in the books.",
        "{count} pictures are given back to their member's day; the dollars stay in the books.",
        results,
    )


def describe_decision(_: Translations, kind: ActionKind) -> str:
    return _("Approved.") if kind is ActionKind.APPROVE else _("Declined.")


_MAX_LIST_LENGTH: Final = 1900
"""Characters of a list in a message, which may have 4,000 with both lists."""


def format_word_lists(_: Translations, entries: Sequence[str], patterns: Sequence[str]) -> str:
    """List banned words and patterns, behind spoilers."""
    lines = ["### " + _("Refused in prompts")]
    for title, refused in ((_("Words"), entries), (_("Patterns"), patterns)):
        shown = [f"||{escape_text(each)}||" for each in refused] or [_("none")]
        lines.append(shorten_text(f"**{title}:** {_.join_list(shown)}", _MAX_LIST_LENGTH))
    return "\n".join(lines)


def describe_prompt_test(_: Translations, found: PromptFinding) -> str:
    if found.word is not None:
        word = escape_text(found.word)
        return _("This prompt is refused: it holds the word ||{entry}||.", entry=word)
    if found.patterns.matched is not None:
        pattern = escape_text(found.patterns.matched)
        return _("This prompt is refused by the pattern ||{entry}||.", entry=pattern)
    if found.patterns.undecided:
        shown = [f"||{escape_text(each)}||" for each in found.patterns.undecided]
        return shorten_text(
            _(
                "This prompt is refused: these patterns are too large, or took too long to check "
                "it. Replace them with shorter ones that have fewer repetitions: {entries}",
                entries=_.join_list(shown),
            ),
            _MAX_LIST_LENGTH,
        )
    return _("This prompt passes.")


_LIST_CHANGES: Final = {
    (True, True): N_("||{entry}|| is on the list now."),
    (True, False): N_("||{entry}|| was on the list already."),
    (False, True): N_("||{entry}|| is not on the list any more."),
    (False, False): N_("||{entry}|| was not on the list."),
}


def describe_list_change(_: Translations, entry: str, *, added: bool, was_changed: bool) -> str:
    return _(_LIST_CHANGES[added, was_changed], entry=escape_text(entry))
