"""Refusals that are told apart by a reason: the gate's verdicts on pictures, and presses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.ui.i18n.translations import mark_message


@dataclass(frozen=True, slots=True)
class Explanation:
    """A refusal or failure: what happened, and what the member can do; `{names}` are numbers.

    `money` stands where the common sentence about it would not be true.
    """

    happened: str
    advice: str
    money: str = ""


UNCHANGED: Final = mark_message("Nothing was changed.")
_ORDER_CONTINUES: Final = mark_message(
    "The order stays as it is: what is made of it is charged and counted."
)
IMAGE_REFUSALS: Final = {
    "not_an_image": Explanation(
        mark_message("That file is not a picture I can read."),
        mark_message("Attach a JPEG, PNG, WebP or GIF."),
    ),
    "broken": Explanation(
        mark_message("That picture is damaged or cut off."),
        mark_message("Open it in an image viewer, save it again, and attach the new file."),
    ),
    "too_many_bytes": Explanation(
        mark_message("That file is too large: {found}, and the limit is {limit}."),
        mark_message("Save it smaller or as a JPEG, and try again."),
    ),
    "too_many_pixels": Explanation(
        mark_message("That picture has too many pixels: {found} is over the limit of {limit}."),
        mark_message("Scale it down and try again."),
    ),
    "too_small": Explanation(
        mark_message(
            "That picture is too small: {found}; each side needs at least {limit} pixels."
        ),
        mark_message("Attach a larger one."),
    ),
    "too_long": Explanation(
        mark_message(
            "That picture is too long: {found}; no side may have more than {limit} pixels."
        ),
        mark_message("Cut or scale it and try again."),
    ),
    "too_hard": Explanation(
        mark_message("That picture could not be read within reasonable time and memory."),
        mark_message("Save it again as a plain JPEG or PNG, and attach the new file."),
    ),
}
COMPONENT_REFUSALS: Final = {
    "forged": Explanation(
        mark_message("This button is not one of mine, or it is from another place."),
        mark_message("Use the buttons of a card that I posted here."),
    ),
    "outdated": Explanation(
        mark_message("This button is from an older version of me."),
        mark_message("Open the picture from /history, and go on from there."),
    ),
    "expired": Explanation(
        mark_message("This has been used already, or it has expired."),
        mark_message("Start again with the command; nothing else was lost."),
    ),
    "not_yours": Explanation(
        mark_message("This belongs to another member."),
        mark_message("Make your own with /expand."),
    ),
    "private": Explanation(
        mark_message("This result is for you alone."),
        mark_message("Make it again without “private” to show it."),
    ),
    "moderators_only": Explanation(
        mark_message("This is for the moderators of this server."),
        mark_message("Ask one of them, or look at your own numbers with /quota."),
    ),
    "not_allowed": Explanation(
        mark_message("You may not do this in this channel."),
        mark_message(
            "Ask a moderator of this server for the permission to use application commands."
        ),
    ),
    "direct_message": Explanation(
        mark_message("This picture belongs to the server where you asked for it."),
        mark_message("Go on from /history there."),
    ),
    "not_installed": Explanation(
        mark_message("Pictures are made here for those who have added me to their own account."),
        mark_message("Open my profile, choose “Add App” and then “Add to My Apps”."),
    ),
    "opted_out": Explanation(
        mark_message("The person whose picture this is does not want others to expand it."),
        mark_message("Use a picture of your own."),
    ),
    "gone": Explanation(
        mark_message("The picture is no longer kept."),
        mark_message(
            "Attach it again with /expand; files are deleted some time after they are made."
        ),
    ),
    "no_picture": Explanation(
        mark_message("There is no picture in that message that I can use."),
        mark_message("Choose a message with a JPEG, PNG, WebP or GIF."),
    ),
    "no_chain": Explanation(
        mark_message("A film needs at least two expansions, one upon the other."),
        mark_message("Expand this result again, then ask for the film."),
    ),
    "too_late": Explanation(
        mark_message("It is too late to cancel: the picture is already being made."),
        mark_message("Wait for the result; you can delete it afterwards."),
        _ORDER_CONTINUES,
    ),
    "under_way": Explanation(
        mark_message("This order is still under way."),
        mark_message("Wait until it is done, or cancel it on its card."),
        _ORDER_CONTINUES,
    ),
    "busy": Explanation(
        mark_message("I am still making the last thing you asked for."),
        mark_message("Wait until it is there, then press again."),
    ),
    "not_manager": Explanation(
        mark_message("Only members who may manage this server change its settings."),
        mark_message("Ask somebody with the permission “Manage Server”."),
        UNCHANGED,
    ),
    "not_moderator": Explanation(
        mark_message("Only moderators may do this."),
        mark_message("Ask somebody with the permission “Manage Messages” or “Manage Server”."),
        UNCHANGED,
    ),
    "menu_closed": Explanation(
        mark_message("This server does not let you take pictures from others' messages."),
        mark_message("Use a picture of your own with /expand."),
    ),
    "waiting": Explanation(
        mark_message("This result waits for a moderator of this server."),
        mark_message("It is posted when it is approved."),
    ),
    "declined": Explanation(
        mark_message("A moderator of this server decided not to show this result."),
        mark_message("Ask a moderator if you think that is wrong."),
    ),
    "decided": Explanation(
        mark_message("This was decided before, or it does not wait any more."),
        mark_message("See /settings log for who decided what."),
        UNCHANGED,
    ),
    "no_moderators": Explanation(
        mark_message("This server has no channel for its moderators that I can write to."),
        mark_message("Tell a moderator; they set it with /settings place moderators-channel."),
    ),
    "too_many_reports": Explanation(
        mark_message("You have reported as many pictures as one may within an hour."),
        mark_message("If it is urgent, write to a moderator."),
    ),
    "reported": Explanation(
        mark_message("You have reported this picture before."),
        mark_message("The moderators have it; nothing more is needed."),
    ),
    "no_such_job": Explanation(
        mark_message("I know no such picture of this server."),
        mark_message("Give the link of its message, or the twelve characters below it."),
        UNCHANGED,
    ),
    "unseen": Explanation(
        mark_message("I cannot see that channel."),
        mark_message("Let me view it in the channel's settings, then choose it again."),
        UNCHANGED,
    ),
    "over": Explanation(
        mark_message("This order is done already, so there is nothing to cancel."),
        mark_message("Take its result away with /moderate remove."),
        UNCHANGED,
    ),
    "covered": Explanation(
        mark_message("A moderator of this server put this behind a spoiler."),
        mark_message("Ask a moderator if you think that is wrong."),
        UNCHANGED,
    ),
    "not_on_show": Explanation(
        mark_message(
            "Only who made it, who posted what it was made from, or a moderator takes it out."
        ),
        mark_message(
            "If something is wrong with it, open where it was made, then More and Report."
        ),
        UNCHANGED,
    ),
    "not_days": Explanation(
        mark_message("That is not a number of days that I can use."),
        mark_message("Write a whole number from 1 to 3650, or leave it empty."),
        UNCHANGED,
    ),
    "not_a_number": Explanation(
        mark_message("That is not a number I can use."),
        mark_message("Write whole pixels such as 256, or a factor such as 1.8."),
    ),
}
