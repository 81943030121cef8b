"""Explanations of refusals by a guild's rules: what applies, and what is allowed."""

from __future__ import annotations

from typing import Final

from bot.errors import (
    MemberBlocked,
    PatternsUndecided,
    PlaceNotAllowed,
    PolicyRefusal,
    SideTooLong,
    ToleranceRefused,
    WordRefused,
)
from bot.ui.i18n.formatting import escape_text, format_command, format_timestamp
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.errors.refusal_reasons import Explanation

_BLOCKED: Final = N_("The moderators of this server have blocked you: {reason}")
POLICY_REFUSALS: Final = {
    "member_blocked": Explanation(_BLOCKED, N_("Ask them; only they can lift it.")),
    "member_blocked (until)": Explanation(_BLOCKED, N_("You can go on {until}.")),
    "place_not_allowed (channels)": Explanation(
        N_("Pictures are not expanded in this channel."), N_("Go to {places}.")
    ),
    "place_not_allowed (roles)": Explanation(
        N_("Only members with certain roles expand pictures here."), N_("These may: {places}.")
    ),
    "place_not_allowed (gallery)": Explanation(
        N_("The gallery shows only what is chosen for it."),
        N_("Go to another channel, or ask for a private result."),
    ),
    "word_refused": Explanation(
        N_("The prompt holds a word that this server refuses: ||{entry}||"),
        N_("Write it without that."),
    ),
    "word_refused (pattern)": Explanation(
        N_("The prompt holds something that this server refuses."),
        N_("Write it in another way, or ask a moderator."),
    ),
    "patterns_undecided": Explanation(
        N_("Your prompt couldn't be checked: {count} of this server's patterns took too long."),
        N_(
            "Try again in a minute. If it happens again, ask a moderator to test your prompt: "
            "{command} says which patterns to replace."
        ),
    ),
    "tolerance_refused": Explanation(
        N_("A safety tolerance of {asked} is laxer than what is allowed here: {ceiling}."),
        N_("Ask for {ceiling} or less, or leave it out."),
    ),
    "side_too_long": Explanation(
        N_("The result would be {side} pixels long; this server allows {limit}."),
        N_("Ask for fewer pixels, or scale the picture down first."),
    ),
}


def collect_policy_values(_: Translations, error: PolicyRefusal) -> dict[str, object]:
    """Return the formatted values for an explanation's placeholders."""
    filled: dict[str, object] = {}
    match error:
        case MemberBlocked():
            reason = escape_text(error.reason) or _("no reason was given")
            until = format_timestamp(error.until) if error.until else ""
            filled = {"reason": reason, "until": until}
        case PlaceNotAllowed():
            places = [f"<#{each}>" for each in error.channels]
            places += [f"<@&{each}>" for each in error.roles]
            filled = {"places": _.join_list(places)}
        case WordRefused():
            filled = {"entry": escape_text(error.entry)}
        case PatternsUndecided():
            filled = {"count": error.count, "command": format_command(_, "moderate words test")}
        case ToleranceRefused():
            filled = {"asked": error.asked, "ceiling": error.limit}
        case SideTooLong():
            filled = {"side": _.format_number(error.side), "limit": _.format_number(error.limit)}
    return filled
