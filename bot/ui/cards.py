"""A job's card in each of its states; pure functions from values to components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import discord
from discord import ui

from bot.domain.geometry import Plan
from bot.domain.job import Job, JobState
from bot.domain.money import MicroUsd, format_usd
from bot.domain.request import Direction, Directional, ExpansionRequest, Sides, ToRatio, ZoomOut
from bot.errors import code_of
from bot.images.compose import NOTE_RESCALED
from bot.images.encode import NOTE_RECODED, NOTE_REDUCED
from bot.images.gate import NOTE_FIRST_FRAME, NOTE_TRANSPARENT
from bot.services.accounting import Usage
from bot.services.ports import Picture
from bot.ui.wording import Explained, explain, margins_line, money_line, plain, stamp

WORKING: Final = discord.Colour(0x5865F2)
DONE: Final = discord.Colour(0x2D9D78)
FAILED: Final = discord.Colour(0xC9403A)
_MAX_ALT: Final = 1024
"""Characters of a picture's description (Discord's limit)."""
_STATES: Final = {
    JobState.RESERVED: "Waiting for its turn",
    JobState.PREPARED: "Picture checked, waiting for a place at the image service",
    JobState.SUBMITTING: "Sending it to the image service",
    JobState.SUBMITTED: "Rendering",
    JobState.RENDERED: "Rendered, fetching the picture",
    JobState.STORED: "Sending it here",
    JobState.PARKED: "No answer from the image service. The money stays reserved until the "
    "operator of this bot has cleared it up",
}
_DIRECTIONS: Final = {
    Direction.HORIZONTAL: "left and right",
    Direction.VERTICAL: "up and down",
    Direction.ALL: "on all sides",
}
_NOTES: Final = {
    NOTE_FIRST_FRAME: "The picture is animated; its first frame was used.",
    NOTE_TRANSPARENT: "The new area is opaque; your picture's transparency is kept.",
    NOTE_RESCALED: "The image service rendered a smaller size; the margins were scaled up.",
    NOTE_RECODED: "Saved more compactly to fit this channel's upload limit.",
    NOTE_REDUCED: "Scaled down to fit this channel's upload limit.",
}


def working(job: Job) -> ui.LayoutView:
    """Show where a job is on its way."""
    state = _STATES.get(job.state, "Working")
    lines = [
        f"### Expanding {order_line(job.order.request)}",
        f"{state} · started {stamp(job.created_at)}",
        f"-# {job.order.results} × {_asked_by(job)} · holds {format_usd(job.hold)} · {job.id}",
    ]
    return _card(WORKING, ui.TextDisplay("\n".join(lines)))


def finished(
    job: Job, pictures: Sequence[Picture], names: Sequence[str], usage: Usage
) -> ui.LayoutView:
    """Show the result: pictures, sizes, who asked, what it cost and what is left."""
    plan = job.prepared_plan
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
    for name in names:
        gallery.add_item(
            media=f"attachment://{name}",
            description=alt_text(job, plan),
            spoiler=job.order.attachment.spoiler,
        )
    cost = MicroUsd(job.cost or 0)
    lines = [
        f"**{plan.seed} → {plan.canvas}** · {order_line(job.order.request)}",
        *_honest_lines(job, plan, pictures),
        f"-# {_asked_by(job)} · {format_usd(cost)} · {_left(usage)} · {job.id}",
    ]
    return _card(DONE, gallery, ui.TextDisplay("\n".join(lines)))


def quota(usage: Usage) -> ui.LayoutView:
    """Show a member's day as a bar, with the numbers beside it."""
    filled = round(10 * min(1.0, usage.used / usage.limit)) if usage.limit else 10
    lines = [
        "### Your pictures today",
        f"`{'█' * filled}{'░' * (10 - filled)}` {usage.used} of {usage.limit} used",
        f"Renews {stamp(usage.renews_at)}.",
    ]
    return _card(WORKING, ui.TextDisplay("\n".join(lines)))


def kept(job: Job) -> ui.LayoutView:
    """Say that the pictures are made and stored, but cannot be shown here."""
    lines = [
        f"### Expanded {order_line(job.order.request)}, but it cannot be shown here",
        "Discord takes the picture neither in this reply nor in this channel.",
        money_line(job.cost or MicroUsd(0)),
        "The picture is kept. Give the operator of this bot the id below.",
        f"-# {job.id}",
    ]
    return _card(FAILED, ui.TextDisplay("\n".join(lines)))


def refused(error: Exception) -> ui.LayoutView:
    """Say no, in three parts and with the error's code."""
    return _explained("Not expanded", explain(error), MicroUsd(0), f"code {code_of(error)}")


def failed(job: Job, error: Exception) -> ui.LayoutView:
    """Say that an accepted job came to nothing, in three parts and with its id."""
    return _explained(
        f"Could not expand {order_line(job.order.request)}",
        explain(error),
        job.cost or MicroUsd(0),
        f"code {code_of(error)} · {job.id}",
    )


def broken(reference: str) -> ui.LayoutView:
    """Say that the program itself failed, with an id that the log has too."""
    return _explained("Not expanded", explain(Exception()), MicroUsd(0), f"id {reference}")


def order_line(request: ExpansionRequest) -> str:
    """Say in a few words what was asked."""
    match request:
        case Directional():
            return f"{_DIRECTIONS.get(request.direction, request.direction)} by {request.pixels}"
        case Sides():
            return margins_line(request.wanted)
        case ToRatio():
            return f"to {request.ratio.numerator}:{request.ratio.denominator}"
        case ZoomOut():
            return f"zoomed out {float(request.factor):g}×"


def alt_text(job: Job, plan: Plan) -> str:
    """Describe a result for those who do not see it."""
    about = f"; prompt: {job.order.prompt}" if job.order.prompt else ""
    return f"Expanded picture, {plan.canvas}, {margins_line(plan.delivered)}{about}"[:_MAX_ALT]


def _honest_lines(job: Job, plan: Plan, pictures: Sequence[Picture]) -> list[str]:
    """Say where the result differs from what was asked or expected."""
    lines = []
    if plan.rendered != plan.delivered:
        lines.append(
            f"Asked {margins_line(plan.asked)}; rendered {margins_line(plan.rendered)}; "
            "cropped to what was asked."
        )
    missing = job.order.results - len(pictures)
    if missing:
        lines.append(f"{missing} of {job.order.results} did not come out.")
    codes = job.seed_note.split()
    codes += [code for picture in pictures for code in picture.result.note.split()]
    lines += [_NOTES[code] for code in dict.fromkeys(codes) if code in _NOTES]
    return [f"-# {line}" for line in lines]


def _explained(title: str, words: Explained, billed: MicroUsd, reference: str) -> ui.LayoutView:
    lines = [f"### {title}", words.happened, money_line(billed), words.advice]
    if reference:
        lines.append(f"-# {reference}")
    return _card(FAILED, ui.TextDisplay("\n".join(line for line in lines if line)))


def _left(usage: Usage) -> str:
    return f"{usage.left} of {usage.limit} left today"


def _asked_by(job: Job) -> str:
    return f"asked by {plain(job.origin.user_name)}"


def _card(colour: discord.Colour, *items: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=colour))
    return view
