"""Acts of moderators, and changes of the server itself."""

from __future__ import annotations

import re
from random import Random
from typing import Any, Final

from tests.support.walks.message_log import SeenMessage
from tests.support.walks.oracle import Picture
from tests.support.walks.walk import Act, Walk
from tests.support.walks.world import ADULT, GALLERY, PLAIN

_DECISIONS: Final = ("Approve", "Decline", "Remove everywhere", "Put behind a spoiler")
_REMOVE, _COVER = "moderate remove", "moderate spoiler"
_REMOVED = re.compile(r"[Rr]emoved|deleted")


async def decide_case(walk: Walk, rng: Random) -> bool:
    """The moderator presses a button of a card in the moderators' channel."""
    cards = [each for each in _list_cards(walk) if any(map(each.buttons.get, _DECISIONS))]
    if not cards:
        return False
    card = rng.choice(cards)
    label = rng.choice([each for each in _DECISIONS if each in card.buttons])
    pictures = walk.oracle.list_decided(card)
    answer = await walk.press(walk.world.mia, card, label)
    if answer is None or answer.is_refusal:
        return True
    for picture in pictures:
        picture.reported = False
        if label == "Approve":
            picture.waiting = False
        elif label == "Remove everywhere":
            _remove_line(walk, picture)
        elif label == "Put behind a spoiler":
            picture.covered, picture.covered_at = True, walk.oracle.step
    return True


def _list_cards(walk: Walk) -> list[SeenMessage]:
    place = walk.world.moderators_channel
    return [each for each in walk.list_messages(walk.world.mia) if each.channel == place]


async def use_moderator_command(walk: Walk, rng: Random) -> bool:
    """The moderator removes or covers a result by a command with its message."""
    mia = walk.world.mia
    cards = [each for each in walk.list_messages(mia, "More") if each.audience is None]
    if not cards:
        return False
    message = rng.choice(cards)
    picture = walk.get_subject(message)
    command = rng.choice((_REMOVE, _COVER))
    channel = str(rng.choice(walk.world.places))
    answer = await _run_command(walk, command, {"picture": str(message.id)}, channel)
    if picture is None or answer is None or answer.is_refusal:
        return True
    if command == _COVER:
        for each in _list_shown(walk, message):
            each.covered, each.covered_at = True, walk.oracle.step
    elif _REMOVED.search(answer.text):
        for each in _list_shown(walk, message):
            _remove_line(walk, each)
    return True


def _list_shown(walk: Walk, message: SeenMessage) -> list[Picture]:
    found = (walk.oracle.get_leaf(each.codes) for each in message.pictures)
    return [each for each in found if each is not None]


def _remove_line(walk: Walk, picture: Picture) -> None:
    """Take note that a result was removed, with all that was made from it."""
    if picture.removed:
        return
    picture.removed = True
    for code in picture.heirs:
        made = walk.oracle.pictures[code]
        if picture.code in made.painted:
            _remove_line(walk, made)


async def _run_command(
    walk: Walk, command: str, options: dict[str, Any], channel: str
) -> SeenMessage | None:
    mia = walk.world.mia
    return await walk.finish(mia.invoke(command, options, channel=channel), mia)


async def block_member(walk: Walk, rng: Random) -> bool:
    member, lifts = rng.choice(walk.world.members[:2]), rng.random() < 0.3
    channel = str(rng.choice(walk.world.places))
    if not walk.has_results or (lifts and member.id not in walk.oracle.blocked):
        return False
    options = {"member": member} | ({} if lifts else {"reason": "rude"})
    command = "moderate unblock" if lifts else "moderate block"
    answer = await _run_command(walk, command, options, channel)
    if answer is not None and not answer.is_refusal:
        (walk.oracle.blocked.discard if lifts else walk.oracle.blocked.add)(member.id)
    return True


async def delete_message(walk: Walk, rng: Random) -> bool:
    """The moderator deletes a message of the bot's by Discord's own means."""
    mia = walk.world.mia
    cards = [each for each in walk.list_messages(mia, "More") if each.audience is None]
    if not cards:
        return False
    mia.delete(rng.choice(cards).json)
    return True


async def change_restriction(walk: Walk, rng: Random) -> bool:
    """A channel becomes age-restricted, or ordinary."""
    name = rng.choice((PLAIN, ADULT, GALLERY))
    if not walk.oracle.pictures:
        return False
    restricted = walk.world.is_restricted(walk.world.channels[name])
    walk.world.guild.change_channel(name, nsfw=not restricted)
    return True


async def change_spoiler_channel(walk: Walk, rng: Random) -> bool:
    name = rng.choice((PLAIN, ADULT))
    if not walk.oracle.pictures:
        return False
    spoiler = walk.world.is_spoiler(walk.world.channels[name])
    walk.world.guild.set_spoiler_channel(name, spoiler=not spoiler)
    return True


async def archive_thread(walk: Walk, rng: Random) -> bool:
    """The thread is archived, so that the bot's library knows nothing of it."""
    del rng
    if not walk.has_results:
        return False
    walk.world.guild.archive(walk.world.thread)
    return True


async def change_approval(walk: Walk, rng: Random) -> bool:
    """The owner lets a moderator look first, or not any more."""
    del rng
    olu, wanted = walk.world.olu, not walk.approves_first
    channel = str(walk.world.channels[PLAIN])
    call = olu.invoke("settings safety approve-first", {"on": wanted}, channel=channel)
    answer = await walk.finish(call, olu)
    if answer is not None and not answer.is_refusal:
        walk.approves_first = wanted
    return True


MODERATOR_ACTS: Final[dict[str, tuple[int, Act]]] = {
    "moderators' card": (12, decide_case),
    "moderator's command": (6, use_moderator_command),
    "block": (2, block_member),
    "message deleted": (1, delete_message),
    "age restriction": (3, change_restriction),
    "spoiler channel": (3, change_spoiler_channel),
    "thread archived": (2, archive_thread),
    "approve first": (1, change_approval),
}
"""The acts with their weights."""
