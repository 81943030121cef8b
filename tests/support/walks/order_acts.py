"""Acts of members by which pictures are uploaded, passed on and expanded."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from sandbox.discord.model.records import SPOILER_PREFIX, Upload
from tests.support.walks.message_log import SeenMessage, ShownPicture
from tests.support.walks.picture_codes import encode_picture
from tests.support.walks.walk import Act, OrderTerms, Walk

_SIZE = (64, 64)
_PIXELS = 64
_GO_ON: Final = ("← 64", "↑ 64", "↓ 64", "→ 64", "Zoom out 1.5×")
_DIRECTIONS: Final = ("left", "right", "up", "down")


def _draw_upload(walk: Walk, rng: Random) -> tuple[int, Upload, bool]:
    """Return a new picture with its code, and whether it is a spoiler by its name or flag."""
    code, way = walk.codes.take_code(), rng.random()
    name = f"{SPOILER_PREFIX}a.png" if way < 0.2 else "a.png"
    flagged = 0.2 <= way < 0.3
    return code, Upload(name, encode_picture(code, _SIZE), spoiler=flagged), way < 0.3


async def post_picture(walk: Walk, rng: Random) -> bool:
    """A member posts a picture, and perhaps its link, hidden or in the open."""
    actor, channel = rng.choice(walk.world.members), rng.choice(walk.world.places)
    code, upload, hidden = _draw_upload(walk, rng)
    message = await actor.upload(upload, channel=str(channel))
    walk.add_upload(code, actor, channel, spoiler=hidden)
    if rng.random() < 0.2:
        link = message["attachments"][0]["url"]
        actor.say(f"||{link}||" if hidden or rng.random() < 0.5 else link, channel=str(channel))
    return True


async def use_command(walk: Walk, rng: Random) -> bool:
    actor, channel = rng.choice(walk.world.members), rng.choice(walk.world.places)
    code, upload, hidden = _draw_upload(walk, rng)
    options: dict[str, Any] = {"image": upload, "direction": rng.choice(_DIRECTIONS)}
    options["pixels"] = _PIXELS
    for name, share in (("private", 0.15), ("spoiler", 0.1), ("preview", 0.2)):
        if rng.random() < share:
            options[name] = True
    if rng.random() < 0.2:
        options["results"] = 2
    walk.add_upload(code, actor, channel, spoiler=hidden or "spoiler" in options)
    terms = OrderTerms(actor, channel, private="private" in options)
    await walk.order(terms, actor.slash("expand", channel=str(channel), **options))
    return True


async def use_menu(walk: Walk, rng: Random) -> bool:
    """A member takes a picture from any message that they see."""
    actor = rng.choice(walk.world.members)
    shown = [each for each in walk.list_shown(actor) if each[0].audience is None]
    if not shown:
        return False
    message, picture = rng.choice(shown)
    options = [name for name in ("private", "spoiler", "preview") if rng.random() < 0.08]
    index = [each.path for each in message.pictures].index(picture.path)
    fields = {
        "direction": rng.choice(_DIRECTIONS),
        "pixels": str(_PIXELS),
        "options": options,
        "picture": [str(index)],
    }
    terms = OrderTerms(
        actor,
        message.channel,
        private="private" in options,
        is_public=True,
        adult=message.forwarded_from is not None
        and walk.world.is_restricted(message.forwarded_from),
        spoiler="spoiler" in options or _is_hidden_by_member(walk, message, picture),
        uncovered_by=frozenset({actor.id} if "spoiler" in options else {message.author}),
    )
    await walk.order(terms, actor.menu("Expand image", message.json), **fields)
    return True


def _is_hidden_by_member(walk: Walk, message: SeenMessage, picture: ShownPicture) -> bool:
    """Return whether who posted a message hid the picture, or it is from a hidden channel."""
    place = message.forwarded_from
    if place is not None and walk.world.is_spoiler(place):
        return True
    return picture.spoiler and message.author != walk.world.bot_id


async def go_on(walk: Walk, rng: Random) -> bool:
    """A member goes on from a result by an arrow or a zoom, once more, or with a new prompt."""
    actor = rng.choice(walk.world.members)
    labels = (*_GO_ON, "Another try", "New prompt", "Own factor")
    cards = walk.list_messages(actor, *labels)
    if not cards:
        return False
    message = rng.choice(cards)
    label = rng.choice([each for each in labels if each in message.buttons])
    subject = walk.get_subject(message)
    if subject is None:
        return False
    terms = OrderTerms(actor, message.channel, base=subject)
    call = actor.press(message.json, message.buttons[label])
    await walk.order(terms, call, prompt="a lake", factor="1.5")
    return True


async def select_picture(walk: Walk, rng: Random) -> bool:
    actor = rng.choice(walk.world.members)
    labels = ("Picture 1", "Picture 2")
    cards = walk.list_messages(actor, *labels)
    if not cards:
        return False
    message, at = rng.choice(cards), rng.randrange(2)
    subject = walk.get_subject(message, at)
    answer = await walk.press(actor, message, labels[at])
    if answer is not None and subject is not None and not answer.is_refusal:
        walk.subjects[answer.id] = subject
    return True


async def confirm_preview(walk: Walk, rng: Random) -> bool:
    """A member changes a preview or not, and confirms it."""
    actor = rng.choice(walk.world.members)
    cards = [each for each in walk.list_messages(actor) if _find_confirmation(each)]
    if not cards:
        return False
    message = rng.choice(cards)
    if rng.random() < 0.3:
        await walk.press(actor, message, "→ +64")
        message = walk.log.messages[message.id]
    subject = walk.get_subject(message)
    hidden = any(each.spoiler for each in message.pictures)
    owners = {actor.id} if subject is None else {actor.id, subject.author}
    terms = OrderTerms(actor, message.channel, spoiler=hidden, uncovered_by=frozenset(owners))
    call = actor.press(message.json, message.buttons[_find_confirmation(message) or ""])
    await walk.order(terms, call)
    return True


def _find_confirmation(message: SeenMessage) -> str | None:
    return next((each for each in message.buttons if each.startswith("Confirm: ")), None)


async def forward_message(walk: Walk, rng: Random) -> bool:
    """A member forwards a message with pictures, also one of the bot's, to any channel."""
    actor = rng.choice(walk.world.members)
    # what was shown only to moderators may be kept by them
    inside = walk.world.moderators_channel
    shown = [
        each
        for each, _ in walk.list_shown(actor)
        if each.audience is None and each.channel != inside
    ]
    if not shown:
        return False
    message = rng.choice(shown)
    actor.forward(message.json, channel=str(rng.choice(walk.world.places)))
    return True


async def open_menu(walk: Walk, rng: Random) -> bool:
    """A member opens the menu of a result."""
    actor = rng.choice(walk.world.members)
    cards = walk.list_messages(actor, "More")
    if not cards:
        return False
    message = rng.choice(cards)
    await open_more(walk, actor.id, message)
    return True


async def open_more(walk: Walk, actor: int, message: SeenMessage) -> SeenMessage | None:
    """Open the menu of a result and return it; None if that is refused."""
    subject = walk.get_subject(message)
    answer = await walk.press(walk.world.find_actor(actor), message, "More")
    if answer is None or subject is None or answer.is_refusal:
        return None
    walk.subjects[answer.id] = subject
    return answer


async def open_parent(walk: Walk, rng: Random) -> bool:
    """A member looks for the picture before, to go on from it."""
    actor = rng.choice(walk.world.members)
    cards = walk.list_messages(actor, "Back to the picture before")
    if not cards:
        return False
    message = rng.choice(cards)
    subject = walk.get_subject(message)
    before = None if subject is None else walk.oracle.get_leaf(subject.painted)
    answer = await walk.press(actor, message, "Back to the picture before")
    if answer is not None and before is not None and not answer.is_refusal:
        walk.subjects[answer.id] = before
    return True


ORDER_ACTS: Final[dict[str, tuple[int, Act]]] = {
    "post picture": (7, post_picture),
    "command": (16, use_command),
    "menu": (14, use_menu),
    "go on": (14, go_on),
    "select picture": (5, select_picture),
    "confirm preview": (8, confirm_preview),
    "forward": (5, forward_message),
    "open menu": (6, open_menu),
    "picture before": (4, open_parent),
}
"""The acts with their weights."""
