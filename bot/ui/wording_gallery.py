"""What the gallery says: its posts, its answers, and its rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.gallery import Chain, Entry, GalleryRefusal, Standing, VoteRefusal
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.job import Job
from bot.ui.speech import Speech, later
from bot.ui.wording import order_line, plain

STAR: Final = "⭐"
"""The reaction that counts as a vote."""
REFUSALS: Final[Mapping[GalleryRefusal, str]] = {
    GalleryRefusal.CLOSED: later("This server has no gallery at the moment."),
    GalleryRefusal.NOT_YOURS: later("Only who made a picture may bring it into the gallery."),
    GalleryRefusal.OPTED_OUT: later(
        "Its author, or the author of the picture that it was made from, wants nothing shown."
    ),
    GalleryRefusal.AGE_RESTRICTED: later(
        "It was made in an age-restricted channel, and the gallery is not one."
    ),
    GalleryRefusal.BARRED: later("It was taken out of the gallery before, and stays out."),
    GalleryRefusal.NO_CHANNEL: later("The gallery's channel cannot be written to."),
}
VOTES: Final[Mapping[VoteRefusal, str]] = {
    VoteRefusal.OWN_PICTURE: later("Votes for one's own picture do not count here."),
    VoteRefusal.NO_ROLE: later("Only some roles vote here."),
    VoteRefusal.YOUNG_ACCOUNT: later("Your account is too young to vote here."),
    VoteRefusal.YOUNG_MESSAGE: later("This picture is too new to be voted for."),
    VoteRefusal.CLOSED: later("There is no vote at the moment."),
}


def link(guild: GuildId, channel: ChannelId, message: MessageId) -> str:
    return f"https://discord.com/channels/{guild}/{channel}/{message}"


def post(say: Speech, entry: Entry, job: Job) -> str:
    """Write the lines under a picture of the gallery."""
    plan = job.prepared_plan
    lines = [
        f"**{plan.seed} → {plan.canvas}** · {order_line(say, job.order.request)}",
        say("by {name}", name=plain(job.origin.user_name)),
    ]
    if entry.source_author != entry.author:
        lines.append(say("from a picture by {name}", name=f"<@{entry.source_author}>"))
    if entry.message is not None:
        there = say("where it was made")
        lines.append(f"-# [{there}]({link(entry.guild, entry.channel, entry.message)}) · {job.id}")
    return "\n".join(lines)


def shown(say: Speech, channel: ChannelId) -> str:
    return say("It is in {channel} now.", channel=f"<#{channel}>")


def taken_out(say: Speech) -> str:
    return say("It is out of the gallery, for good.")


def refused(say: Speech, why: GalleryRefusal) -> str:
    return say(REFUSALS[why])


def frozen(say: Speech) -> str:
    return say("The gallery is frozen: nothing new comes in until a moderator lets it go on.")


def best(say: Speech, entries: Sequence[Entry], days: int) -> str:
    """Write the best of some days as a list."""
    title = say.many("Best of the last day", "Best of the last {count} days", days)
    return _listed(say, title, [_line(say, each) for each in entries])


def one(say: Speech, entry: Entry | None) -> str:
    """Write one picture's place in the gallery, or that there is none."""
    line = say("Nothing yet.") if entry is None else _line(say, entry)
    return "### " + say("A picture of the gallery") + f"\n{line}"


def leaders(say: Speech, standings: Sequence[Standing]) -> str:
    lines = [
        f"<@{each.author}> · {_votes(say, each.votes)} · {_pictures(say, each.pictures)}"
        for each in standings
    ]
    return _listed(say, say("Who has most votes"), lines)


def most_expanded(say: Speech, chains: Sequence[Chain], links: Sequence[str | None]) -> str:
    """List whose pictures grew most; `links` lead to where each began, None where that is gone."""
    lines = [
        f"<@{each.author}> · {_grown(say, each.pictures)} · "
        + (each.root if link is None else f"[{say('open')}]({link})")
        for each, link in zip(chains, links, strict=True)
    ]
    return _listed(say, say("Pictures that were expanded most"), lines)


def opted(say: Speech, *, out: bool) -> str:
    if out:
        return say("Nothing of yours is shown in this server's gallery any more.")
    return say("Your pictures may be shown in this server's gallery again.")


def _listed(say: Speech, title: str, lines: Sequence[str]) -> str:
    numbered = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
    return "\n".join([f"### {title}", *(numbered or [say("Nothing yet.")])])


def _line(say: Speech, entry: Entry) -> str:
    where = entry.shown_channel, entry.shown_message
    if where[0] is None or where[1] is None:
        return f"<@{entry.author}> · {_votes(say, entry.votes)}"
    opening = say("open")
    there = f"[{opening}]({link(entry.guild, where[0], where[1])})"
    return f"<@{entry.author}> · {_votes(say, entry.votes)} · {there}"


def _votes(say: Speech, count: int) -> str:
    return f"{STAR} " + say.many("{count} vote", "{count} votes", count)


def _grown(say: Speech, count: int) -> str:
    return say.many("expanded {count} time", "expanded {count} times", count)


def _pictures(say: Speech, count: int) -> str:
    return say.many("{count} picture", "{count} pictures", count)
