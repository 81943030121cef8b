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
from bot.ui.i18n.formatting import escape_text, format_timestamp
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.errors.refusal_reasons import Explanation

BLOCKED: Final = Explanation(
    N_("The moderators of this server have blocked you: {reason}"),
    N_("Ask them; only they can lift it."),
)
BLOCKED_UNTIL: Final = Explanation(BLOCKED.happened, N_("You can go on {until}."))
CHANNELS: Final = Explanation(
    N_("Pictures are not expanded in this channel."),
    N_("Go to {places}."),
)
ROLES: Final = Explanation(
    N_("Only members with certain roles expand pictures here."),
    N_("These may: {places}."),
)
WORD: Final = Explanation(
    N_("The prompt holds a word that this server refuses: ||{entry}||"),
    N_("Write it without that."),
)
PATTERN: Final = Explanation(
    N_("The prompt holds something that this server refuses."),
    N_("Write it in another way, or ask a moderator."),
)
TOLERANCE: Final = Explanation(
    N_("A safety tolerance of {asked} is laxer than what is allowed here: {ceiling}."),
    N_("Ask for {ceiling} or less, or leave it out."),
)
SIDE: Final = Explanation(
    N_("The result would be {side} pixels long; this server allows {limit}."),
    N_("Ask for fewer pixels, or scale the picture down first."),
)


def find_policy_explanation(error: PolicyRefusal) -> Explanation | None:
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


def collect_policy_values(_: Translations, error: PolicyRefusal) -> dict[str, object]:
    """Return what fills the words' places."""
    filled: dict[str, object] = {}
    match error:
        case MemberBlocked():
            reason = escape_text(error.reason) or _("no reason was given")
            filled = {
                "reason": reason,
                "until": format_timestamp(error.until) if error.until else "",
            }
        case PlaceNotAllowed():
            places = [f"<#{each}>" for each in error.channels]
            places += [f"<@&{each}>" for each in error.roles]
            filled = {"places": _.join_list(places)}
        case WordRefused():
            filled = {"entry": escape_text(error.entry)}
        case ToleranceRefused():
            filled = {"asked": error.asked, "ceiling": error.limit}
        case SideTooLong():
            filled = {
                "side": _.format_number(error.side),
                "limit": _.format_number(error.limit),
            }
    return filled
