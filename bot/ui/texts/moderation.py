"""What moderators read: cases, the record, and the answers to what they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.ids import UserId
from bot.domain.job import Job
from bot.domain.moderation import CaseStage, ModerationAction, ModerationActionKind, SettingChange
from bot.services.guilds.settings import ChangeLogPage
from bot.services.ports.moderators_channel import ModerationCase
from bot.ui.i18n.formatting import describe_request, escape_text, format_timestamp, shorten_text
from bot.ui.i18n.translations import Translations, mark_message
from bot.ui.texts.job_details import get_message_link
from bot.ui.texts.settings.settings import format_change

_MAX_PROMPT_LENGTH: Final = 600
_MAX_REASON_LENGTH: Final = 120
_MAX_ACTIONS: Final = 8
"""Acts that one card names."""
_MAX_REPORTS: Final = 5
"""Reports that one card quotes; the others are counted."""
ACTION_LABELS: Final = {
    ModerationActionKind.APPROVE: mark_message("Approve"),
    ModerationActionKind.DECLINE: mark_message("Decline"),
    ModerationActionKind.REMOVE: mark_message("Remove everywhere"),
    ModerationActionKind.SPOILER: mark_message("Put behind a spoiler"),
    ModerationActionKind.BLOCK: mark_message("Block the author"),
    ModerationActionKind.REFUND: mark_message("Give the quota back"),
    ModerationActionKind.DISMISS: mark_message("Nothing wrong"),
}
ACTION_TEXTS: Final = {
    ModerationActionKind.BLOCK: mark_message("{actor} blocked {user}: {detail}"),
    ModerationActionKind.UNBLOCK: mark_message("{actor} unblocked {user}."),
    ModerationActionKind.GRANT: mark_message("{actor} gave {user} {detail} pictures per day."),
    ModerationActionKind.CANCEL: mark_message("{actor} cancelled {job}."),
    ModerationActionKind.REMOVE: mark_message("{actor} removed {job} and what was made from it."),
    ModerationActionKind.SPOILER: mark_message("{actor} put {job} behind a spoiler."),
    ModerationActionKind.UNCOVER: mark_message("{actor} took {job} out of its spoiler."),
    ModerationActionKind.DELETE: mark_message("{actor} deleted {job}."),
    ModerationActionKind.REFUND: mark_message("{actor} gave {user} the quota of {job} back."),
    ModerationActionKind.APPROVE: mark_message("{actor} approved {job}."),
    ModerationActionKind.DECLINE: mark_message("{actor} declined {job}."),
    ModerationActionKind.DISMISS: mark_message("{actor} found nothing wrong with {job}."),
}
_TITLES: Final = {
    CaseStage.REPORTED: mark_message("Reported picture"),
    CaseStage.WAITS: mark_message("Waits for approval"),
    CaseStage.SETTLED: mark_message("Settled case"),
}
_GRANT_REMOVED: Final = mark_message("{actor} took back what {user} was granted.")


def describe_case(say: Translations, case: ModerationCase) -> str:
    """Say all that matters of a job before somebody decides about it."""
    job, plan = case.job, case.job.prepared_plan
    lines = [
        f"### {say(_TITLES[case.stage])}",
        f"**{plan.seed} → {plan.canvas}** · {describe_request(say, job.order.request)}",
        say("by {name}", name=f"<@{job.origin.user_id}>") + f" · <#{job.origin.channel_id}>",
        say("Prompt: {prompt}", prompt=_format_prompt(say, job)),
        say("Safety tolerance: {level}", level=job.order.tolerance_level),
    ]
    if job.order.source_author is not None:
        lines.append(say("from a picture by {name}", name=f"<@{job.order.source_author}>"))
    parents = [get_message_link(parent) or parent.id for parent in case.parents]
    if parents:
        lines.append(say("Grew out of: {pictures}", pictures=say.join_list(parents)))
    lines += _format_reports(say, case.reasons)
    if case.past_acts:
        lines.append(describe_actions(say, case.past_acts))
    gone = any(
        act.kind in {ModerationActionKind.REMOVE, ModerationActionKind.DELETE}
        for act in case.past_acts
    )
    link = "" if gone or case.stage is CaseStage.WAITS else get_message_link(job)
    lines.append(f"-# {job.id} · {link}" if link else f"-# {job.id}")
    return "\n".join(lines)


def _format_prompt(say: Translations, job: Job) -> str:
    return escape_text(shorten_text(job.order.prompt, _MAX_PROMPT_LENGTH)) or say(
        "none: a neutral one"
    )


def _format_reports(say: Translations, reasons: Sequence[str]) -> list[str]:
    if not reasons:
        return []
    count = say.translate_plural("{count} report", "{count} reports", len(reasons))
    quoted = [
        f"> {escape_text(shorten_text(each, _MAX_REASON_LENGTH))}"
        for each in reasons[-_MAX_REPORTS:]
        if each
    ]
    return [f"**{count}**", *quoted]


def original_alt_text(say: Translations) -> str:
    return say("The picture as it was before")


def result_number_alt_text(say: Translations, number: int) -> str:
    return say("Result {number}", number=number)


def describe_actions(say: Translations, actions: Sequence[ModerationAction]) -> str:
    """Say what was done about a case lately, one line each."""
    return "\n".join(
        f"{format_timestamp(act.at, 'f')} {describe_action(say, act)}"
        for act in actions[-_MAX_ACTIONS:]
    )


def describe_action(say: Translations, act: ModerationAction) -> str:
    empty_grant = act.kind is ModerationActionKind.GRANT and not act.detail
    return say(
        _GRANT_REMOVED if empty_grant else ACTION_TEXTS[act.kind],
        actor=f"<@{act.actor}>",
        user=f"<@{act.user}>",
        job=f"`{act.job}`",
        detail=escape_text(shorten_text(act.detail, _MAX_REASON_LENGTH)) or "–",
    )


def describe_log_entry(say: Translations, entry: ModerationAction | SettingChange) -> str:
    """Write one line of the record."""
    if isinstance(entry, ModerationAction):
        return describe_action(say, entry)
    return format_change(say, entry.actor, entry.name, entry.before, entry.after)


def format_log(say: Translations, page: ChangeLogPage) -> str:
    lines = [
        f"- {format_timestamp(entry.at, 'f')} {describe_log_entry(say, entry)}"
        for entry in page.entries
    ]
    number = say("Page {number}", number=page.number + 1)
    title = "### " + say("What was changed and done")
    return "\n".join([title, *(lines or [say("Nothing yet.")]), f"-# {number}"])


def awaiting_approval_text(say: Translations, job: Job) -> str:
    lines = [
        "### " + say("Expanded {order}", order=describe_request(say, job.order.request)),
        say("A moderator of this server looks at it before it is shown. Nothing is left to do."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def describe_declined_result(say: Translations, job: Job) -> str:
    lines = [
        "### " + say("Not shown: {order}", order=describe_request(say, job.order.request)),
        say("A moderator of that server decided not to show this result."),
        say("It was made and counts; ask a moderator if you think that is wrong."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def report_received_text(say: Translations) -> str:
    return say("Thank you. The moderators see it now; nobody else learns who reported it.")


def report_field(say: Translations) -> tuple[str, str]:
    return say("What is wrong"), say("The moderators read this, without your name")


def block_fields(say: Translations) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        (say("Reason"), say("The member reads it when an order is refused")),
        (say("Days"), say("Empty until somebody lifts it")),
    )


def describe_block(say: Translations, user: UserId, until: datetime | None) -> str:
    if until is None:
        return say("{user} is blocked until somebody lifts it.", user=f"<@{user}>")
    return say(
        "{user} is blocked; it ends {time}.", user=f"<@{user}>", time=format_timestamp(until)
    )


def describe_unblock(say: Translations, user: UserId, *, was_blocked: bool) -> str:
    if was_blocked:
        return say("{user} may order again.", user=f"<@{user}>")
    return say("{user} was not blocked.", user=f"<@{user}>")


def describe_grant(say: Translations, user: UserId, results: int, until: datetime | None) -> str:
    said = say.translate_plural(
        "{user} may have {count} picture per day.",
        "{user} may have {count} pictures per day.",
        results,
        user=f"<@{user}>",
    )
    if until is None:
        return f"{said} " + say("That holds until somebody takes it back.")
    return f"{said} " + say("That holds until {time}.", time=format_timestamp(until, "f"))


def describe_grant_removal(say: Translations, user: UserId, *, had_grant: bool) -> str:
    if had_grant:
        return say("{user} has the same quota as everybody again.", user=f"<@{user}>")
    return say("{user} had no quota of their own.", user=f"<@{user}>")


def describe_cancellation(say: Translations, job: Job) -> str:
    return say("Cancelled {job}; what was held is released.", job=f"`{job.id}`")


def describe_removal(say: Translations, results: int, *, all_deleted: bool) -> str:
    said = say.translate_plural(
        "{count} result is removed: message, gallery, files.",
        "{count} results are removed: messages, gallery, files.",
        results,
    )
    if all_deleted:
        return said
    return f"{said} " + say("A message could not be deleted; delete it by hand.")


def describe_spoiler(say: Translations) -> str:
    return say("It is behind a spoiler now.")


def describe_refund(say: Translations, results: int) -> str:
    if not results:
        return say("There was nothing to give back, or it was given back before.")
    return say.translate_plural(
        "{count} picture is given back to its member's day; the dollars stay in the books.",
        "{count} pictures are given back to their member's day; the dollars stay in the books.",
        results,
    )


def describe_decision(say: Translations, kind: ModerationActionKind) -> str:
    return say("Approved.") if kind is ModerationActionKind.APPROVE else say("Declined.")


def describe_dismissal(say: Translations) -> str:
    return say("The reports are closed.")


def empty_queue_text(say: Translations) -> str:
    return say("Nothing waits for a moderator.")


def format_word_lists(say: Translations, entries: Sequence[str], patterns: Sequence[str]) -> str:
    """List what is refused in prompts, behind spoilers."""
    shown = [f"||{escape_text(each)}||" for each in entries] or [say("none")]
    shapes = [f"||{escape_text(each)}||" for each in patterns] or [say("none")]
    titles = say("Words"), say("Patterns")
    return "\n".join(
        [
            "### " + say("Refused in prompts"),
            shorten_text(f"**{titles[0]}:** {say.join_list(shown)}", 1900),
            shorten_text(f"**{titles[1]}:** {say.join_list(shapes)}", 1900),
        ]
    )


def describe_prompt_test(say: Translations, word: str | None, pattern: str | None) -> str:
    if word is not None:
        return say(
            "This prompt is refused: it holds the word ||{entry}||.", entry=escape_text(word)
        )
    if pattern is not None:
        return say("This prompt is refused by the pattern ||{entry}||.", entry=escape_text(pattern))
    return say("This prompt passes.")


_LIST_CHANGES: Final = {
    (True, True): mark_message("||{entry}|| is on the list now."),
    (True, False): mark_message("||{entry}|| was on the list already."),
    (False, True): mark_message("||{entry}|| is not on the list any more."),
    (False, False): mark_message("||{entry}|| was not on the list."),
}


def describe_list_change(say: Translations, entry: str, *, added: bool, was_changed: bool) -> str:
    return say(_LIST_CHANGES[added, was_changed], entry=escape_text(entry))
