"""Refusals that are told apart by a reason: the gate's verdicts on pictures, and presses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.ui.speech import later


@dataclass(frozen=True, slots=True)
class Explained:
    """A refusal or failure: what happened, and what the member can do; `{names}` are numbers.

    `money` stands where the common sentence about it would not be true.
    """

    happened: str
    advice: str
    money: str = ""


UNCHANGED: Final = later("Nothing was changed.")
_GOES_ON: Final = later("The order stays as it is: what is made of it is charged and counted.")
IMAGE: Final = {
    "not_an_image": Explained(
        later("That file is not a picture I can read."),
        later("Attach a JPEG, PNG, WebP or GIF."),
    ),
    "broken": Explained(
        later("That picture is damaged or cut off."),
        later("Open it in an image viewer, save it again, and attach the new file."),
    ),
    "too_many_bytes": Explained(
        later("That file is too large: {found}, and the limit is {limit}."),
        later("Save it smaller or as a JPEG, and try again."),
    ),
    "too_many_pixels": Explained(
        later("That picture has too many pixels: {found} is over the limit of {limit}."),
        later("Scale it down and try again."),
    ),
    "too_small": Explained(
        later("That picture is too small: {found}; each side needs at least {limit} pixels."),
        later("Attach a larger one."),
    ),
    "too_long": Explained(
        later("That picture is too long: {found}; no side may have more than {limit} pixels."),
        later("Cut or scale it and try again."),
    ),
    "too_hard": Explained(
        later("That picture could not be read within reasonable time and memory."),
        later("Save it again as a plain JPEG or PNG, and attach the new file."),
    ),
}
PRESS: Final = {
    "forged": Explained(
        later("This button is not one of mine, or it is from another place."),
        later("Use the buttons of a card that I posted here."),
    ),
    "outdated": Explained(
        later("This button is from an older version of me."),
        later("Open the picture from /history, and go on from there."),
    ),
    "expired": Explained(
        later("This has been used already, or it has expired."),
        later("Start again with the command; nothing else was lost."),
    ),
    "not_yours": Explained(
        later("This belongs to another member."),
        later("Make your own with /expand."),
    ),
    "private": Explained(
        later("This result is for you alone."),
        later("Make it again without “private” to show it."),
    ),
    "moderators_only": Explained(
        later("This is for the moderators of this server."),
        later("Ask one of them, or look at your own numbers with /quota."),
    ),
    "not_allowed": Explained(
        later("You may not do this in this channel."),
        later("Ask a moderator of this server for the permission to use application commands."),
    ),
    "direct_message": Explained(
        later("This picture belongs to the server where you asked for it."),
        later("Go on from /history there."),
    ),
    "not_installed": Explained(
        later("Pictures are made here for those who have added me to their own account."),
        later("Open my profile, choose “Add App” and then “Add to My Apps”."),
    ),
    "opted_out": Explained(
        later("The person whose picture this is does not want others to expand it."),
        later("Use a picture of your own."),
    ),
    "gone": Explained(
        later("The picture is no longer kept."),
        later("Attach it again with /expand; files are deleted some time after they are made."),
    ),
    "no_picture": Explained(
        later("There is no picture in that message that I can use."),
        later("Choose a message with a JPEG, PNG, WebP or GIF."),
    ),
    "no_chain": Explained(
        later("A film needs at least two expansions, one upon the other."),
        later("Expand this result again, then ask for the film."),
    ),
    "too_late": Explained(
        later("It is too late to cancel: the picture is already being made."),
        later("Wait for the result; you can delete it afterwards."),
        _GOES_ON,
    ),
    "under_way": Explained(
        later("This order is still under way."),
        later("Wait until it is done, or cancel it on its card."),
        _GOES_ON,
    ),
    "busy": Explained(
        later("I am still making the last thing you asked for."),
        later("Wait until it is there, then press again."),
    ),
    "not_manager": Explained(
        later("Only members who may manage this server change its settings."),
        later("Ask somebody with the permission “Manage Server”."),
        UNCHANGED,
    ),
    "not_moderator": Explained(
        later("Only moderators may do this."),
        later("Ask somebody with the permission “Manage Messages” or “Manage Server”."),
        UNCHANGED,
    ),
    "menu_closed": Explained(
        later("This server does not let you take pictures from others' messages."),
        later("Use a picture of your own with /expand."),
    ),
    "waiting": Explained(
        later("This result waits for a moderator of this server."),
        later("It is posted when it is approved."),
    ),
    "declined": Explained(
        later("A moderator of this server decided not to show this result."),
        later("Ask a moderator if you think that is wrong."),
    ),
    "decided": Explained(
        later("This was decided before, or it does not wait any more."),
        later("See /settings log for who decided what."),
        UNCHANGED,
    ),
    "no_moderators": Explained(
        later("This server has no channel for its moderators that I can write to."),
        later("Tell a moderator; they set it with /settings place moderators-channel."),
    ),
    "too_many_reports": Explained(
        later("You have reported as many pictures as one may within an hour."),
        later("If it is urgent, write to a moderator."),
    ),
    "reported": Explained(
        later("You have reported this picture before."),
        later("The moderators have it; nothing more is needed."),
    ),
    "no_such_job": Explained(
        later("I know no such picture of this server."),
        later("Give the link of its message, or the twelve characters below it."),
        UNCHANGED,
    ),
    "unseen": Explained(
        later("I cannot see that channel."),
        later("Let me view it in the channel's settings, then choose it again."),
        UNCHANGED,
    ),
    "over": Explained(
        later("This order is done already, so there is nothing to cancel."),
        later("Take its result away with /moderate remove."),
        UNCHANGED,
    ),
    "covered": Explained(
        later("A moderator of this server put this behind a spoiler."),
        later("Ask a moderator if you think that is wrong."),
        UNCHANGED,
    ),
    "not_on_show": Explained(
        later("Only who made it, who posted what it was made from, or a moderator takes it out."),
        later("If something is wrong with it, open where it was made, then More and Report."),
        UNCHANGED,
    ),
    "not_days": Explained(
        later("That is not a number of days that I can use."),
        later("Write a whole number from 1 to 3650, or leave it empty."),
        UNCHANGED,
    ),
    "not_a_number": Explained(
        later("That is not a number I can use."),
        later("Write whole pixels such as 256, or a factor such as 1.8."),
    ),
}
