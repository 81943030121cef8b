"""Acts of members with what they have: comparisons, films, history, the gallery, their data."""

from __future__ import annotations

from random import Random
from typing import Final

from tests.support.walks.message_log import SeenMessage
from tests.support.walks.oracle import Picture
from tests.support.walks.order_acts import open_more
from tests.support.walks.walk import Act, Walk
from tests.support.walks.world import GALLERY

_SHARE, _STAR = "Show it to everybody", "⭐"
_HIDE, _UNCOVER = "Put behind a spoiler", "Take the spoiler off"
_OUT = "Take out of the gallery"


async def make_comparison(walk: Walk, rng: Random) -> bool:
    """A member compares before and after, as a wipe, side by side, or as a film of all steps."""
    actor = rng.choice(walk.world.members)
    labels = ("Compare", "Side by side", "Zoom-out film")
    cards = walk.list_messages(actor, *labels)
    if not cards:
        return False
    message = rng.choice(cards)
    label = rng.choice([each for each in labels if each in message.buttons])
    answer = await walk.press(actor, message, label)
    subject = walk.get_subject(message)
    if answer is not None and subject is not None and answer.pictures:
        walk.subjects[answer.id] = subject
    return True


async def share_file(walk: Walk, rng: Random) -> bool:
    """A member shows a comparison or film of theirs to everybody."""
    actor = rng.choice(walk.world.members)
    cards = walk.list_messages(actor, _SHARE)
    if not cards:
        return await make_comparison(walk, rng)
    walk.sharer = actor.id
    await walk.press(actor, rng.choice(cards), _SHARE)
    return True


async def read_file(walk: Walk, rng: Random) -> bool:
    """A member asks for details, or for the lossless file."""
    actor = rng.choice(walk.world.members)
    labels = ("Details", "Lossless file")
    cards = walk.list_messages(actor, *labels)
    if not cards:
        return False
    message = rng.choice(cards)
    await walk.press(actor, message, next(each for each in labels if each in message.buttons))
    return True


async def send_again(walk: Walk, rng: Random) -> bool:
    """A member opens an order of theirs from the history, anywhere, and sends it again."""
    actor, channel = rng.choice(walk.world.members), rng.choice(walk.world.places)
    history = await walk.finish(actor.invoke("history", {}, channel=str(channel)), actor)
    if history is None or history.menu is None:
        return False
    value = rng.choice(history.menu["options"])["value"]
    call = actor.select(history.json, history.menu["custom_id"], value)
    opened = await walk.finish(call, actor)
    if opened is not None and "Send again" in opened.buttons:
        await walk.press(actor, opened, "Send again")
    return True


async def change_spoiler(walk: Walk, rng: Random) -> bool:
    """Somebody puts a result behind a spoiler by its menu, or takes it off."""
    actor = rng.choice(walk.world.members)
    found = await _find_menu(walk, rng, actor.id, _HIDE, _UNCOVER)
    if found is None:
        return False
    menu, label, picture = found
    answer = await walk.press(actor, menu, label)
    if answer is None or answer.is_refusal:
        return True
    is_moderator = actor is walk.world.mia
    walk.oracle.change_spoiler(picture, actor.id, hide=label == _HIDE, is_moderator=is_moderator)
    return True


async def _find_menu(
    walk: Walk, rng: Random, actor: int, *labels: str
) -> tuple[SeenMessage, str, Picture] | None:
    """Return a menu of a result with one of these buttons, opened now if there is none."""
    member = walk.world.find_actor(actor)
    # a card for moderators has such buttons too, and is decided by an act of its own
    cards_at = walk.world.moderators_channel
    menus = [each for each in walk.list_messages(member, *labels) if each.channel != cards_at]
    if not menus or rng.random() < 0.5:
        cards = walk.list_messages(member, "More")
        if not cards:
            return None
        opened = await open_more(walk, actor, rng.choice(cards))
        menus = [] if opened is None else [opened]
    usable = [each for each in menus if any(map(each.buttons.get, labels))]
    if not usable:
        return None
    menu = rng.choice(usable)
    picture = walk.get_subject(menu)
    label = next(each for each in labels if each in menu.buttons)
    return None if picture is None else (menu, label, picture)


async def delete_result(walk: Walk, rng: Random) -> bool:
    actor = rng.choice(walk.world.members)
    found = await _find_menu(walk, rng, actor.id, "Delete")
    if found is None:
        return False
    menu, label, picture = found
    question = await walk.press(actor, menu, label)
    if question is None or "Yes, delete it" not in question.buttons:
        return True
    answer = await walk.press(actor, question, "Yes, delete it")
    if answer is not None and not answer.is_refusal:
        for each in walk.oracle.list_order(picture):
            each.deleted = True
    return True


async def report_result(walk: Walk, rng: Random) -> bool:
    actor = rng.choice(walk.world.members)
    found = await _find_menu(walk, rng, actor.id, "Report")
    if found is None:
        return False
    answer = await walk.press(actor, found[0], found[1], reason="rude")
    if answer is not None and not answer.is_refusal:
        for each in walk.oracle.list_order(found[2]):
            each.reported = True
    return True


async def add_to_gallery(walk: Walk, rng: Random) -> bool:
    actor = rng.choice(walk.world.members)
    found = await _find_menu(walk, rng, actor.id, "To the gallery")
    if found is None:
        return False
    await walk.press(actor, found[0], found[1])
    return True


async def vote(walk: Walk, rng: Random) -> bool:
    """A member gives a star to a result or a post of the gallery, or takes it back."""
    actor = rng.choice(walk.world.members)
    cards = [each for each in walk.list_messages(actor, "More", _OUT) if each.audience is None]
    if not cards:
        return False
    message = rng.choice(cards)
    (actor.react if rng.random() < 0.8 else actor.unreact)(message.json, _STAR)
    return True


async def take_out(walk: Walk, rng: Random) -> bool:
    actor = rng.choice(walk.world.members)
    posts = walk.list_messages(actor, _OUT)
    if not posts:
        return False
    await walk.press(actor, rng.choice(posts), _OUT)
    return True


async def draw_from_gallery(walk: Walk, rng: Random) -> bool:
    """A member asks for any picture of the gallery, anywhere."""
    actor = rng.choice(walk.world.members)
    gallery = walk.world.channels[GALLERY]
    if not any(each.channel == gallery for each in walk.list_messages(actor)):
        return False
    channel = rng.choice((*walk.world.places, gallery))
    await walk.finish(actor.invoke("gallery random", {}, channel=str(channel)), actor)
    return True


async def hide_from_gallery(walk: Walk, rng: Random) -> bool:
    actor, channel = rng.choice(walk.world.members), rng.choice(walk.world.places)
    shown = rng.random() < 0.2
    if not walk.has_results:
        return False
    call = actor.invoke("gallery visibility", {"shown": shown}, channel=str(channel))
    answer = await walk.finish(call, actor)
    if answer is not None and not answer.is_refusal:
        (walk.oracle.hidden.discard if shown else walk.oracle.hidden.add)(actor.id)
    return True


async def change_sharing(walk: Walk, rng: Random) -> bool:
    """A member keeps their pictures from others, or allows them again."""
    actor = rng.choice(walk.world.members)
    page = await _open_privacy(walk, rng, actor.id)
    if page is None:
        return False
    label = next(each for each in page.buttons if "others" in each)
    await walk.press(actor, page, label)
    keeps = label.startswith("Keep")
    (walk.oracle.opted_out.add if keeps else walk.oracle.opted_out.discard)(actor.id)
    return True


async def erase_data(walk: Walk, rng: Random) -> bool:
    actor = rng.choice(walk.world.members)
    page = await _open_privacy(walk, rng, actor.id)
    if page is None:
        return False
    question = await walk.press(actor, page, "Delete my data")
    if question is None or "Yes, delete everything" not in question.buttons:
        return True
    answer = await walk.press(actor, question, "Yes, delete everything")
    if answer is not None and not answer.is_refusal and "still under way" not in answer.text:
        for picture in walk.oracle.pictures.values():
            if picture.author == actor.id and not (picture.is_upload or picture.reported):
                picture.erased = True
    return True


async def _open_privacy(walk: Walk, rng: Random, actor: int) -> SeenMessage | None:
    member, channel = walk.world.find_actor(actor), rng.choice(walk.world.places)
    if not walk.oracle.pictures:
        return None
    return await walk.finish(member.invoke("privacy", {}, channel=str(channel)), member)


MEMBER_ACTS: Final[dict[str, tuple[int, Act]]] = {
    "compare": (7, make_comparison),
    "show to everybody": (12, share_file),
    "details or file": (1, read_file),
    "send again": (4, send_again),
    "spoiler on or off": (5, change_spoiler),
    "delete": (2, delete_result),
    "report": (4, report_result),
    "to the gallery": (4, add_to_gallery),
    "vote": (6, vote),
    "out of the gallery": (2, take_out),
    "gallery random": (3, draw_from_gallery),
    "gallery visibility": (2, hide_from_gallery),
    "keep from others": (3, change_sharing),
    "erase": (2, erase_data),
}
"""The acts with their weights."""
