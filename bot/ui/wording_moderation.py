"""What moderators read: cases, the record, and the answers to what they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.ids import UserId
from bot.domain.job import Job
from bot.domain.moderation import Act, ActKind, GuildChange, Stage
from bot.services.quarters import Case
from bot.services.rules import Record
from bot.ui.speech import Speech, later
from bot.ui.wording import order_line, plain, shortened, stamp
from bot.ui.wording_details import link_of
from bot.ui.wording_settings import change_line

_PROMPT: Final = 600
_REASON: Final = 120
_DONE: Final = 8
"""Acts that one card names."""
_REASONS: Final = 5
"""Reports that one card quotes; the others are counted."""
LABELS: Final = {
    ActKind.APPROVE: later("Approve"),
    ActKind.DECLINE: later("Decline"),
    ActKind.REMOVE: later("Remove everywhere"),
    ActKind.SPOILER: later("Put behind a spoiler"),
    ActKind.BLOCK: later("Block the author"),
    ActKind.REFUND: later("Give the quota back"),
    ActKind.DISMISS: later("Nothing wrong"),
}
ACTS: Final = {
    ActKind.BLOCK: later("{actor} blocked {user}: {detail}"),
    ActKind.UNBLOCK: later("{actor} unblocked {user}."),
    ActKind.GRANT: later("{actor} gave {user} {detail} pictures per day."),
    ActKind.CANCEL: later("{actor} cancelled {job}."),
    ActKind.REMOVE: later("{actor} removed {job} and what was made from it."),
    ActKind.SPOILER: later("{actor} put {job} behind a spoiler."),
    ActKind.UNCOVER: later("{actor} took {job} out of its spoiler."),
    ActKind.DELETE: later("{actor} deleted {job}."),
    ActKind.REFUND: later("{actor} gave {user} the quota of {job} back."),
    ActKind.APPROVE: later("{actor} approved {job}."),
    ActKind.DECLINE: later("{actor} declined {job}."),
    ActKind.DISMISS: later("{actor} found nothing wrong with {job}."),
}
_TITLES: Final = {
    Stage.REPORTED: later("Reported picture"),
    Stage.WAITS: later("Waits for approval"),
    Stage.SETTLED: later("Settled case"),
}
_UNGRANTED: Final = later("{actor} took back what {user} was granted.")


def case(say: Speech, shown: Case) -> str:
    """Say all that matters of a job before somebody decides about it."""
    job, plan = shown.job, shown.job.prepared_plan
    lines = [
        f"### {say(_TITLES[shown.stage])}",
        f"**{plan.seed} → {plan.canvas}** · {order_line(say, job.order.request)}",
        say("by {name}", name=f"<@{job.origin.user_id}>") + f" · <#{job.origin.channel_id}>",
        say("Prompt: {prompt}", prompt=_prompt(say, job)),
        say("Safety tolerance: {level}", level=job.order.level),
    ]
    if job.order.source_author is not None:
        lines.append(say("from a picture by {name}", name=f"<@{job.order.source_author}>"))
    parents = [link_of(parent) or parent.id for parent in shown.parents]
    if parents:
        lines.append(say("Grew out of: {pictures}", pictures=say.list(parents)))
    lines += _reasons(say, shown.reasons)
    if shown.done:
        lines.append(acts(say, shown.done))
    gone = any(act.kind in {ActKind.REMOVE, ActKind.DELETE} for act in shown.done)
    link = "" if gone or shown.stage is Stage.WAITS else link_of(job)
    lines.append(f"-# {job.id} · {link}" if link else f"-# {job.id}")
    return "\n".join(lines)


def _prompt(say: Speech, job: Job) -> str:
    return plain(shortened(job.order.prompt, _PROMPT)) or say("none: a neutral one")


def _reasons(say: Speech, reasons: Sequence[str]) -> list[str]:
    if not reasons:
        return []
    count = say.many("{count} report", "{count} reports", len(reasons))
    quoted = [f"> {plain(shortened(each, _REASON))}" for each in reasons[-_REASONS:] if each]
    return [f"**{count}**", *quoted]


def original_alt(say: Speech) -> str:
    return say("The picture as it was before")


def result_alt(say: Speech, number: int) -> str:
    return say("Result {number}", number=number)


def acts(say: Speech, done: Sequence[Act]) -> str:
    """Say what was done about a case lately, one line each."""
    return "\n".join(f"{stamp(act.at, 'f')} {act_line(say, act)}" for act in done[-_DONE:])


def act_line(say: Speech, act: Act) -> str:
    empty_grant = act.kind is ActKind.GRANT and not act.detail
    return say(
        _UNGRANTED if empty_grant else ACTS[act.kind],
        actor=f"<@{act.actor}>",
        user=f"<@{act.user}>",
        job=f"`{act.job}`",
        detail=plain(shortened(act.detail, _REASON)) or "–",
    )


def told(say: Speech, entry: Act | GuildChange) -> str:
    """Write one line of the record."""
    if isinstance(entry, Act):
        return act_line(say, entry)
    return change_line(say, entry.actor, entry.name, entry.before, entry.after)


def log(say: Speech, page: Record) -> str:
    lines = [f"- {stamp(entry.at, 'f')} {told(say, entry)}" for entry in page.entries]
    number = say("Page {number}", number=page.number + 1)
    title = "### " + say("What was changed and done")
    return "\n".join([title, *(lines or [say("Nothing yet.")]), f"-# {number}"])


def waits(say: Speech, job: Job) -> str:
    lines = [
        "### " + say("Expanded {order}", order=order_line(say, job.order.request)),
        say("A moderator of this server looks at it before it is shown. Nothing is left to do."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def declined(say: Speech, job: Job) -> str:
    lines = [
        "### " + say("Not shown: {order}", order=order_line(say, job.order.request)),
        say("A moderator of that server decided not to show this result."),
        say("It was made and counts; ask a moderator if you think that is wrong."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def reported(say: Speech) -> str:
    return say("Thank you. The moderators see it now; nobody else learns who reported it.")


def report_field(say: Speech) -> tuple[str, str]:
    return say("What is wrong"), say("The moderators read this, without your name")


def block_fields(say: Speech) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        (say("Reason"), say("The member reads it when an order is refused")),
        (say("Days"), say("Empty until somebody lifts it")),
    )


def blocked(say: Speech, user: UserId, until: datetime | None) -> str:
    if until is None:
        return say("{user} is blocked until somebody lifts it.", user=f"<@{user}>")
    return say("{user} is blocked; it ends {time}.", user=f"<@{user}>", time=stamp(until))


def unblocked(say: Speech, user: UserId, *, was: bool) -> str:
    if was:
        return say("{user} may order again.", user=f"<@{user}>")
    return say("{user} was not blocked.", user=f"<@{user}>")


def granted(say: Speech, user: UserId, results: int, until: datetime | None) -> str:
    said = say.many(
        "{user} may have {count} picture per day.",
        "{user} may have {count} pictures per day.",
        results,
        user=f"<@{user}>",
    )
    if until is None:
        return f"{said} " + say("That holds until somebody takes it back.")
    return f"{said} " + say("That holds until {time}.", time=stamp(until, "f"))


def revoked(say: Speech, user: UserId, *, was: bool) -> str:
    if was:
        return say("{user} has the same quota as everybody again.", user=f"<@{user}>")
    return say("{user} had no quota of their own.", user=f"<@{user}>")


def cancelled(say: Speech, job: Job) -> str:
    return say("Cancelled {job}; what was held is released.", job=f"`{job.id}`")


def removed(say: Speech, results: int, *, clean: bool) -> str:
    said = say.many(
        "{count} result is removed: message, gallery, files.",
        "{count} results are removed: messages, gallery, files.",
        results,
    )
    if clean:
        return said
    return f"{said} " + say("A message could not be deleted; delete it by hand.")


def covered(say: Speech) -> str:
    return say("It is behind a spoiler now.")


def refunded(say: Speech, results: int) -> str:
    if not results:
        return say("There was nothing to give back, or it was given back before.")
    return say.many(
        "{count} picture is given back to its member's day; the dollars stay in the books.",
        "{count} pictures are given back to their member's day; the dollars stay in the books.",
        results,
    )


def decided(say: Speech, kind: ActKind) -> str:
    return say("Approved.") if kind is ActKind.APPROVE else say("Declined.")


def dismissed(say: Speech) -> str:
    return say("The reports are closed.")


def nothing_waits(say: Speech) -> str:
    return say("Nothing waits for a moderator.")


def words(say: Speech, entries: Sequence[str], patterns: Sequence[str]) -> str:
    """List what is refused in prompts, behind spoilers."""
    shown = [f"||{plain(each)}||" for each in entries] or [say("none")]
    shapes = [f"||{plain(each)}||" for each in patterns] or [say("none")]
    titles = say("Words"), say("Patterns")
    return "\n".join(
        [
            "### " + say("Refused in prompts"),
            shortened(f"**{titles[0]}:** {say.list(shown)}", 1900),
            shortened(f"**{titles[1]}:** {say.list(shapes)}", 1900),
        ]
    )


def tested(say: Speech, word: str | None, pattern: str | None) -> str:
    if word is not None:
        return say("This prompt is refused: it holds the word ||{entry}||.", entry=plain(word))
    if pattern is not None:
        return say("This prompt is refused by the pattern ||{entry}||.", entry=plain(pattern))
    return say("This prompt passes.")


_LISTED: Final = {
    (True, True): later("||{entry}|| is on the list now."),
    (True, False): later("||{entry}|| was on the list already."),
    (False, True): later("||{entry}|| is not on the list any more."),
    (False, False): later("||{entry}|| was not on the list."),
}


def listed(say: Speech, entry: str, *, added: bool, was_changed: bool) -> str:
    return say(_LISTED[added, was_changed], entry=plain(entry))
