"""Every act of the bot, the right that it needs, and the answers with and without that right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.moderation import ActionKind
from bot.ui.actions import Action
from tests.support.authority.rights import Right

DONE = ""
"""The outcome of an act that was done: its answer has no code."""
FORM = "form"
"""The outcome of an act that opened a form."""


@dataclass(frozen=True, slots=True)
class Act:
    """A command, named as members type it, or an `Action` with a variant after a slash.

    `refused` and `granted` are the codes of the answers without and with the right; a code in
    `granted` means that the right was accepted and the act refused for another reason.
    """

    name: str
    right: Right
    refused: frozenset[str]
    granted: frozenset[str] = frozenset({DONE})

    @property
    def action(self) -> Action | None:
        """The action of a component; None for a command."""
        name = self.name.partition("/")[0]
        return Action(name) if name in set(Action) else None

    @property
    def variant(self) -> str:
        return self.name.partition("/")[2]


def _list_acts(right: Right, names: str, refused: str, granted: str = "") -> list[Act]:
    """Return acts with the same right; codes are separated by spaces, `done` is none."""
    codes = frozenset(DONE if each == "done" else each for each in (granted or "done").split())
    no = frozenset(refused.split())
    return [Act(each.strip(), right, no, codes) for each in names.strip().splitlines()]


_MEMBER_COMMANDS: Final = """
quota
history
privacy
help
gallery best
gallery leaders
gallery most-expanded
gallery random
gallery visibility
"""
_ORDERS: Final = """
expand
expand-sides
expand-ratio
expand-zoom
"""
_MODERATOR_COMMANDS: Final = """
moderate block
moderate unblock
moderate grant
moderate ungrant
moderate queue
moderate words add
moderate words remove
moderate words add-pattern
moderate words remove-pattern
moderate words list
moderate words test
order-post
"""
_PICTURE_COMMANDS: Final = """
moderate remove
moderate spoiler
moderate refund
"""
_OPERATOR_COMMANDS: Final = """
operator resume
operator costs
operator audit
operator jobs
operator why
operator unpark
operator pause
"""
_PICTURE_ACTIONS: Final = (
    *(Action.PAN, Action.ZOOM, Action.ZOOM_FORM, Action.RETRY, Action.PROMPT_ASK),
    *(Action.PROMPT_FORM, Action.COMPARE, Action.SIDE_BY_SIDE, Action.DETAILS, Action.MORE),
    *(Action.SELECT_PICTURE, Action.PARENT, Action.FILM, Action.LOSSLESS_FILE),
    *(Action.REPORT, Action.REPORT_FORM),
)
"""What members do with any picture that they see."""
_DRAFT_ACTIONS: Final = (
    *(Action.NUDGE, Action.RATIO, Action.DRAFT_ASK, Action.DRAFT_FORM, Action.DRAFT_DETAIL),
    *(Action.CONFIRM_DRAFT, Action.DISCARD_DRAFT, Action.MENU_FORM, Action.SHARE),
)
_OWN_ACTIONS: Final = (
    *(Action.ZOOM_ASK, Action.ORDER_ASK, Action.PAGE, Action.EXPORT),
    *(Action.ERASE, Action.ERASE_CONFIRM, Action.SET_SHARING),
)
"""Actions on the member's own data, or without effect yet."""
_PANEL_ACTIONS: Final = (
    *(Action.SECTION, Action.SET, Action.SETTINGS_ASK, Action.SETTINGS_FORM),
    *(Action.PRESET, Action.LOG),
)


def _join(actions: tuple[Action, ...], variant: str = "") -> str:
    return "\n".join(f"{each}{variant}" for each in actions)


def _join_cases(variant: str) -> str:
    """Return the acts that a card of a case offers."""
    kinds = ("approve", "decline", "remove", "spoiler", "block", "refund", "dismiss")
    return "\n".join(f"{Action.CASE_ACTION}/{ActionKind(each)} {variant}" for each in kinds)


ACTS: Final = (
    # commands
    *_list_acts(Right.ANYBODY, _MEMBER_COMMANDS, "forged"),
    *_list_acts(Right.ANYBODY, _ORDERS, "", "intake_paused"),
    *_list_acts(Right.ANYBODY, "Expand image", "", "no_picture"),
    *_list_acts(Right.MANAGER, "settings *", "not_manager"),
    *_list_acts(Right.MODERATOR, _MODERATOR_COMMANDS, "not_moderator"),
    *_list_acts(Right.MODERATOR, "usage", "moderators_only"),
    *_list_acts(Right.PICTURE, _PICTURE_COMMANDS, "not_moderator no_such_job"),
    *_list_acts(Right.PICTURE, "moderate cancel", "not_moderator no_such_job", "over"),
    *_list_acts(Right.OPERATOR, _OPERATOR_COMMANDS, "operator_only"),
    # a member's own
    *_list_acts(Right.ANYBODY, _join(_OWN_ACTIONS), "", "done form"),
    *_list_acts(Right.ANYBODY, Action.ORDER_FORM, "", "forged"),
    *_list_acts(Right.NONE, _join(_DRAFT_ACTIONS), "forged expired not_yours"),
    *_list_acts(Right.NONE, _join((Action.OPEN, Action.RESEND)), "not_yours forged"),
    # any member, with a picture that is shown; its files are gone, so nothing is made of it
    *_list_acts(Right.MEMBER, _join(_PICTURE_ACTIONS), "forged", "gone"),
    # nobody but the author, with one that is private or waits for approval
    *_list_acts(Right.NONE, _join(_PICTURE_ACTIONS, "/private"), "not_yours forged"),
    *_list_acts(Right.NONE, _join(_PICTURE_ACTIONS, "/waiting"), "waiting forged"),
    *_list_acts(Right.NONE, "spoiler/private\nhang/private", "not_yours forged"),
    *_list_acts(Right.NONE, "delete/private\ndelete-sure/private", "not_yours forged"),
    *_list_acts(Right.NONE, "cancel/private", "not_yours forged"),
    # one message
    *_list_acts(Right.MESSAGE, "spoiler/channel", "not_yours forged"),
    *_list_acts(Right.MESSAGE, "delete/channel\ndelete-sure/channel", "not_yours forged"),
    *_list_acts(Right.MESSAGE, "cancel/channel", "not_yours forged", "too_late"),
    *_list_acts(Right.THREAD_MESSAGE, "spoiler/thread", "not_yours forged"),
    *_list_acts(Right.THREAD_MESSAGE, "delete/thread\ndelete-sure/thread", "not_yours forged"),
    *_list_acts(Right.THREAD_MESSAGE, "cancel/thread", "not_yours forged", "too_late"),
    *_list_acts(Right.BOTH, "spoiler/uncover", "not_yours covered forged"),
    *_list_acts(Right.GALLERY, "hang", "gallery_not_yours forged", "gallery_barred"),
    *_list_acts(Right.POST, "unhang", "not_on_show forged"),
    # the guild
    *_list_acts(Right.PANEL, _join(_PANEL_ACTIONS), "not_manager forged", "done form"),
    *_list_acts(Right.CASE, "block-form", "not_moderator forged"),
    *_list_acts(Right.CARD, _join_cases("card"), "not_moderator forged", "done form decided gone"),
    *_list_acts(Right.CASE, _join_cases("queue"), "not_moderator forged", "done form decided gone"),
)
