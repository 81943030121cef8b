"""What a guild's moderators do not want, in words: each says what applies and what may be done."""

from __future__ import annotations

from typing import Final

from bot.errors import (
    MemberBlocked,
    PlaceNotAllowed,
    PolicyRefusal,
    SideTooLong,
    ToleranceRefused,
    WordRefused,
)
from bot.ui.speech import Speech, later
from bot.ui.wording import plain, stamp
from bot.ui.wording_reasons import Explained

BLOCKED: Final = Explained(
    later("The moderators of this server have blocked you: {reason}"),
    later("Ask them; only they can lift it."),
)
BLOCKED_UNTIL: Final = Explained(BLOCKED.happened, later("You can go on {until}."))
CHANNELS: Final = Explained(
    later("Pictures are not expanded in this channel."),
    later("Go to {places}."),
)
ROLES: Final = Explained(
    later("Only members with certain roles expand pictures here."),
    later("These may: {places}."),
)
WORD: Final = Explained(
    later("The prompt holds a word that this server refuses: ||{entry}||"),
    later("Write it without that."),
)
PATTERN: Final = Explained(
    later("The prompt holds something that this server refuses."),
    later("Write it in another way, or ask a moderator."),
)
TOLERANCE: Final = Explained(
    later("A safety tolerance of {asked} is laxer than what is allowed here: {ceiling}."),
    later("Ask for {ceiling} or less, or leave it out."),
)
SIDE: Final = Explained(
    later("The result would be {side} pixels long; this server allows {limit}."),
    later("Ask for fewer pixels, or scale the picture down first."),
)


def words_of(error: PolicyRefusal) -> Explained | None:
    """Return the untranslated words of what the guild does not want."""
    words = None
    match error:
        case MemberBlocked():
            words = BLOCKED_UNTIL if error.until else BLOCKED
        case PlaceNotAllowed():
            words = CHANNELS if error.channels else ROLES
        case WordRefused():
            words = WORD if error.entry else PATTERN
        case ToleranceRefused():
            words = TOLERANCE
        case SideTooLong():
            words = SIDE
    return words


def values_of(say: Speech, error: PolicyRefusal) -> dict[str, object]:
    """Return what fills the words' places."""
    filled: dict[str, object] = {}
    match error:
        case MemberBlocked():
            reason = plain(error.reason) or say("no reason was given")
            filled = {"reason": reason, "until": stamp(error.until) if error.until else ""}
        case PlaceNotAllowed():
            places = [f"<#{each}>" for each in error.channels]
            places += [f"<@&{each}>" for each in error.roles]
            filled = {"places": say.list(places)}
        case WordRefused():
            filled = {"entry": plain(error.entry)}
        case ToleranceRefused():
            filled = {"asked": error.asked, "ceiling": error.ceiling}
        case SideTooLong():
            filled = {"side": say.number(error.side), "limit": say.number(error.limit)}
    return filled
