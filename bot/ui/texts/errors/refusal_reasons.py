"""Explanations of refused pictures and components, by reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.errors import ComponentReason, ImageReason
from bot.ui.i18n.translations import N_


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened and what the member can do; `money` replaces the usual text on charges."""

    happened: str
    advice: str
    money: str = ""


UNCHANGED: Final = N_("Nothing was changed.")
_ORDER_CONTINUES: Final = N_("The order stays as it is: what is made of it is charged and counted.")
IMAGE_REFUSALS: Final = {
    ImageReason.NOT_AN_IMAGE: Explanation(
        N_("That file is not a picture I can read."), N_("Attach a JPEG, PNG, WebP or GIF.")
    ),
    ImageReason.BROKEN: Explanation(
        N_("That picture is damaged or cut off."),
        N_("Open it in an image viewer, save it again, and attach the new file."),
    ),
    ImageReason.TOO_MANY_BYTES: Explanation(
        N_("That file is too large: {found}, and the limit is {limit}."),
        N_("Save it smaller or as a JPEG, and try again."),
    ),
    ImageReason.TOO_MANY_PIXELS: Explanation(
        N_("That picture has too many pixels: {found} is over the limit of {limit}."),
        N_("Scale it down and try again."),
    ),
    ImageReason.TOO_SMALL: Explanation(
        N_("That picture is too small: {found}; each side needs at least {limit} pixels."),
        N_("Attach a larger one."),
    ),
    ImageReason.TOO_LONG: Explanation(
        N_("That picture is too long: {found}; no side may have more than {limit} pixels."),
        N_("Cut or scale it and try again."),
    ),
    ImageReason.TOO_HARD: Explanation(
        N_("That picture could not be read within reasonable time and memory."),
        N_("Save it again as a plain JPEG or PNG, and attach the new file."),
    ),
}
_R = ComponentReason
COMPONENT_REFUSALS: Final = {
    _R.FORGED: Explanation(
        N_("This button is not one of mine, or it is from another place."),
        N_("Use the buttons of a card that I posted here."),
    ),
    _R.OUTDATED: Explanation(
        N_("This button is from an older version of me."),
        N_("Open the picture from /history, and go on from there."),
    ),
    _R.EXPIRED: Explanation(
        N_("This has been used already, or it has expired."),
        N_("Start again with the command; nothing else was lost."),
    ),
    _R.NOT_YOURS: Explanation(
        N_("This belongs to another member."), N_("Make your own with /expand.")
    ),
    _R.PRIVATE: Explanation(
        N_("This result is for you alone."), N_("Make it again without “private” to show it.")
    ),
    _R.MODERATORS_ONLY: Explanation(
        N_("This is for the moderators of this server."),
        N_("Ask one of them, or look at your own numbers with /quota."),
    ),
    _R.NOT_ALLOWED: Explanation(
        N_("You may not do this in this channel."),
        N_("Ask a moderator of this server for the permission to use application commands."),
    ),
    _R.DIRECT_MESSAGE: Explanation(
        N_("This picture belongs to the server where you asked for it."),
        N_("Go on from /history there."),
    ),
    _R.NOT_INSTALLED: Explanation(
        N_("Pictures are made here for those who have added me to their own account."),
        N_("Open my profile, choose “Add App” and then “Add to My Apps”."),
    ),
    _R.OPTED_OUT: Explanation(
        N_("The person whose picture this is does not want others to expand it."),
        N_("Use a picture of your own."),
    ),
    _R.NOT_SHARED: Explanation(
        N_("This picture may not be shown to everybody."),
        N_("Ask a moderator of this server if you think that is wrong."),
    ),
    _R.AGE_RESTRICTED: Explanation(
        N_("This picture is from an age-restricted channel, or may be from one."),
        N_("Use it in an age-restricted channel."),
    ),
    _R.NOT_HERE: Explanation(
        N_("I can't show pictures to everybody here."),
        N_("Use a channel that is open and in which I may send messages."),
    ),
    _R.GONE: Explanation(
        N_("The picture is no longer kept."),
        N_("Attach it again with /expand; files are deleted some time after they are made."),
    ),
    _R.NO_PICTURE: Explanation(
        N_("There is no picture in that message that I can use."),
        N_("Choose a message with a JPEG, PNG, WebP or GIF."),
    ),
    _R.NO_CHAIN: Explanation(
        N_("A film needs at least two expansions, one upon the other."),
        N_("Expand this result again, then ask for the film."),
    ),
    _R.TOO_LATE: Explanation(
        N_("It is too late to cancel: the picture is already being made."),
        N_("Wait for the result; you can delete it afterwards."),
        _ORDER_CONTINUES,
    ),
    _R.UNDER_WAY: Explanation(
        N_("This order is still under way."),
        N_("Wait until it is done, or cancel it on its card."),
        _ORDER_CONTINUES,
    ),
    _R.NOT_MANAGER: Explanation(
        N_("Only members who may manage this server change its settings."),
        N_("Ask somebody with the permission “Manage Server”."),
        UNCHANGED,
    ),
    _R.NOT_MODERATOR: Explanation(
        N_("Only moderators may do this."),
        N_("You need “Manage Messages” or “Manage Server” in the whole server."),
        UNCHANGED,
    ),
    _R.CASE_HIDDEN: Explanation(
        N_("You can't view the channel that this case belongs to."),
        N_("Ask somebody who manages this server for access to it."),
        UNCHANGED,
    ),
    _R.CHANNEL_HIDDEN: Explanation(
        N_("You can't view that channel, so you can't choose it."),
        N_("Choose a channel that you can view."),
        UNCHANGED,
    ),
    _R.MENU_CLOSED: Explanation(
        N_("This server does not let you take pictures from others' messages."),
        N_("Use a picture of your own with /expand."),
    ),
    _R.WAITING: Explanation(
        N_("This result waits for a moderator of this server."),
        N_("It is posted when it is approved."),
    ),
    _R.DECLINED: Explanation(
        N_("A moderator of this server decided not to show this result."),
        N_("Ask a moderator if you think that is wrong."),
    ),
    _R.DECIDED: Explanation(
        N_("This was decided before, or it does not wait any more."),
        N_("See /settings log for who decided what."),
        UNCHANGED,
    ),
    _R.NO_MODERATORS: Explanation(
        N_("This server has no channel for its moderators that I can write to."),
        N_("Tell a moderator; they set it with /settings place moderators-channel."),
    ),
    _R.TOO_MANY_REPORTS: Explanation(
        N_("You have reported as many pictures as one may within an hour."),
        N_("If it is urgent, write to a moderator."),
    ),
    _R.REPORTED: Explanation(
        N_("You have reported this picture before."),
        N_("The moderators have it; nothing more is needed."),
    ),
    _R.NO_SUCH_JOB: Explanation(
        N_("I know no such picture of this server."),
        N_("Give the link of its message, or the twelve characters below it."),
        UNCHANGED,
    ),
    _R.UNSEEN: Explanation(
        N_("I cannot see that channel."),
        N_("Let me view it in the channel's settings, then choose it again."),
        UNCHANGED,
    ),
    _R.OVER: Explanation(
        N_("This order is done already, so there is nothing to cancel."),
        N_("Take its result away with /moderate remove."),
        UNCHANGED,
    ),
    _R.COVERED: Explanation(
        N_("A moderator of this server put this behind a spoiler."),
        N_("Ask a moderator if you think that is wrong."),
        UNCHANGED,
    ),
    _R.SPOILER_CHANNEL: Explanation(
        N_("Pictures from a spoiler channel stay behind a spoiler."),
        N_("A moderator can change that in the channel's settings."),
        UNCHANGED,
    ),
    _R.STICKER: Explanation(
        N_("A sticker can't be expanded."),
        N_("Choose a message with a picture."),
    ),
    _R.NOT_ON_SHOW: Explanation(
        N_("Only who made it, who posted what it was made from, or a moderator takes it out."),
        N_("If something is wrong with it, open where it was made, then More and Report."),
        UNCHANGED,
    ),
    _R.NOT_DAYS: Explanation(
        N_("That is not a number of days that I can use."),
        N_("Write a whole number from 1 to 3650, or leave it empty."),
        UNCHANGED,
    ),
    _R.NOT_A_NUMBER: Explanation(
        N_("That is not a number I can use."),
        N_("Write whole pixels such as 256, or a factor such as 1.8."),
    ),
}
