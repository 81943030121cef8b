"""What the gallery says: its posts, its answers, and its rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.gallery import (
    AuthorRanking,
    ChainRanking,
    GalleryEntry,
    GalleryRefusal,
    VoteRefusal,
)
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.job import Job
from bot.ui.i18n.formatting import describe_request, escape_text
from bot.ui.i18n.translations import Translations, mark_message

VOTE_EMOJI: Final = "⭐"
"""The reaction that counts as a vote."""
REFUSAL_TEXTS: Final[Mapping[GalleryRefusal, str]] = {
    GalleryRefusal.CLOSED: mark_message("This server has no gallery at the moment."),
    GalleryRefusal.NOT_YOURS: mark_message(
        "Only who made a picture may bring it into the gallery."
    ),
    GalleryRefusal.OPTED_OUT: mark_message(
        "Its author, or the author of the picture that it was made from, wants nothing shown."
    ),
    GalleryRefusal.AGE_RESTRICTED: mark_message(
        "It was made in an age-restricted channel, and the gallery is not one."
    ),
    GalleryRefusal.BARRED: mark_message("It was taken out of the gallery before, and stays out."),
    GalleryRefusal.NO_CHANNEL: mark_message("The gallery's channel cannot be written to."),
}
VOTE_REFUSAL_TEXTS: Final[Mapping[VoteRefusal, str]] = {
    VoteRefusal.OWN_PICTURE: mark_message("Votes for one's own picture do not count here."),
    VoteRefusal.NO_ROLE: mark_message("Only some roles vote here."),
    VoteRefusal.YOUNG_ACCOUNT: mark_message("Your account is too young to vote here."),
    VoteRefusal.YOUNG_MESSAGE: mark_message("This picture is too new to be voted for."),
    VoteRefusal.CLOSED: mark_message("There is no vote at the moment."),
}


def build_message_link(guild: GuildId, channel: ChannelId, message: MessageId) -> str:
    return f"https://discord.com/channels/{guild}/{channel}/{message}"


def format_post(say: Translations, entry: GalleryEntry, job: Job) -> str:
    """Write the lines under a picture of the gallery."""
    plan = job.prepared_plan
    lines = [
        f"**{plan.seed} → {plan.canvas}** · {describe_request(say, job.order.request)}",
        say("by {name}", name=escape_text(job.origin.user_name)),
    ]
    if entry.source_author != entry.author:
        lines.append(say("from a picture by {name}", name=f"<@{entry.source_author}>"))
    if entry.message is not None:
        there = say("where it was made")
        link = build_message_link(entry.guild, entry.channel, entry.message)
        lines.append(f"-# [{there}]({link}) · {job.id}")
    return "\n".join(lines)


def picture_added_text(say: Translations, channel: ChannelId) -> str:
    return say("It is in {channel} now.", channel=f"<#{channel}>")


def picture_removed_text(say: Translations) -> str:
    return say("It is out of the gallery, for good.")


def refusal_text(say: Translations, refusal: GalleryRefusal) -> str:
    return say(REFUSAL_TEXTS[refusal])


def gallery_frozen_text(say: Translations) -> str:
    return say("The gallery is frozen: nothing new comes in until a moderator lets it go on.")


def format_best_entries(say: Translations, entries: Sequence[GalleryEntry], days: int) -> str:
    """Write the best of some days as a list."""
    title = say.translate_plural("Best of the last day", "Best of the last {count} days", days)
    return _format_list(say, title, [_format_entry_line(say, each) for each in entries])


def format_entry(say: Translations, entry: GalleryEntry | None) -> str:
    """Write one picture's place in the gallery, or that there is none."""
    line = say("Nothing yet.") if entry is None else _format_entry_line(say, entry)
    return "### " + say("A picture of the gallery") + f"\n{line}"


def format_leaders(say: Translations, standings: Sequence[AuthorRanking]) -> str:
    lines = [
        f"<@{each.author}> · {_format_votes(say, each.votes)}"
        f" · {_format_picture_count(say, each.pictures)}"
        for each in standings
    ]
    return _format_list(say, say("Who has most votes"), lines)


def format_most_expanded(
    say: Translations, chains: Sequence[ChainRanking], links: Sequence[str | None]
) -> str:
    """List whose pictures grew most; `links` lead to where each began, None where that is gone."""
    lines = [
        f"<@{each.author}> · {_format_expansions(say, each.pictures)} · "
        + (each.root if link is None else f"[{say('open')}]({link})")
        for each, link in zip(chains, links, strict=True)
    ]
    return _format_list(say, say("Pictures that were expanded most"), lines)


def visibility_text(say: Translations, *, is_hidden: bool) -> str:
    if is_hidden:
        return say("Nothing of yours is shown in this server's gallery any more.")
    return say("Your pictures may be shown in this server's gallery again.")


def _format_list(say: Translations, title: str, lines: Sequence[str]) -> str:
    numbered = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
    return "\n".join([f"### {title}", *(numbered or [say("Nothing yet.")])])


def _format_entry_line(say: Translations, entry: GalleryEntry) -> str:
    where = entry.shown_channel, entry.shown_message
    if where[0] is None or where[1] is None:
        return f"<@{entry.author}> · {_format_votes(say, entry.votes)}"
    opening = say("open")
    there = f"[{opening}]({build_message_link(entry.guild, where[0], where[1])})"
    return f"<@{entry.author}> · {_format_votes(say, entry.votes)} · {there}"


def _format_votes(say: Translations, count: int) -> str:
    return f"{VOTE_EMOJI} " + say.translate_plural("{count} vote", "{count} votes", count)


def _format_expansions(say: Translations, count: int) -> str:
    return say.translate_plural("expanded {count} time", "expanded {count} times", count)


def _format_picture_count(say: Translations, count: int) -> str:
    return say.translate_plural("{count} picture", "{count} pictures", count)
