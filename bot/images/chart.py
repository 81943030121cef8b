"""Bar charts for `/usage`, legible in both of Discord's themes and to the colour-blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from PIL import Image, ImageDraw

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.images.chart_data import Figure, FigureUnit, format_alt_text, format_figure, format_table
from bot.images.encode import encode_image
from bot.images.text import (
    BACKGROUND_COLOUR,
    FAINT_TEXT_COLOUR,
    TEXT_COLOUR,
    load_font,
    make_legible,
    shorten_label,
)

COLOURS: Final = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
"""Okabe and Ito's colour-blind-safe palette (Color Universal Design, 2008)."""
_CARD_COLOUR: Final = "#26272c"
_GRID_COLOUR: Final = "#3b3d45"
_WIDTH, _HEIGHT, _GAP = 680, 400, 20
_TITLE, _LETTERS, _SMALL = 26, 20, 17
_MAX_ROWS: Final = 8
"""With more horizontal bars, each would be thinner than its name is high."""
_NAME_WIDTH: Final = 190


@dataclass(frozen=True, slots=True)
class Chart:
    """A PNG with its size in pixels, its alt text and its data as a text table."""

    png: bytes
    size: Size
    alt: str
    table: str


class Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int


def draw_chart(figures: Sequence[Figure]) -> Chart:
    """Draw one to six figures in two columns; raise `ValueError` for any other number."""
    if not 1 <= len(figures) <= 6:
        raise ValueError(f"a chart holds one to six figures, not {len(figures)}")
    across = min(len(figures), 2)
    down = -(-len(figures) // 2)
    size = (across * (_WIDTH + _GAP) + _GAP, down * (_HEIGHT + _GAP) + _GAP)
    image = Image.new("RGB", size, BACKGROUND_COLOUR)
    draw = ImageDraw.Draw(image)
    for index, figure in enumerate(figures):
        left = _GAP + index % 2 * (_WIDTH + _GAP)
        top = _GAP + index // 2 * (_HEIGHT + _GAP)
        _draw_figure(draw, figure, Box(left, top, left + _WIDTH, top + _HEIGHT), index)
    png = encode_image(image, OutputFormat.PNG).data
    return Chart(png, Size(*size), format_alt_text(figures), format_table(figures))


def _draw_figure(draw: ImageDraw.ImageDraw, figure: Figure, box: Box, index: int) -> None:
    draw.rounded_rectangle(box, radius=14, fill=_CARD_COLOUR)
    title = shorten_label(make_legible(figure.title, f"{index + 1}"), _TITLE, _WIDTH - 40)
    title_font = load_font(_TITLE)
    draw.text((box.left + 20, box.top + 30), title, TEXT_COLOUR, title_font, anchor="lm")
    top = box.top + 62
    if len(figure.series) > 1:
        _draw_legend(draw, figure, box.left + 20, top)
        top += 32
    draw_bars = _draw_rows if figure.is_horizontal else _draw_columns
    draw_bars(draw, figure, Box(box.left + 20, top, box.right - 24, box.bottom - 16))


def _pick_colour(figure: Figure, index: int) -> str:
    """Return the colour of a series; money and counts never share one."""
    first = 2 if figure.unit is FigureUnit.MICRO_USD else 0
    return COLOURS[(first + index) % len(COLOURS)]


def _draw_legend(draw: ImageDraw.ImageDraw, figure: Figure, x: int, y: int) -> None:
    font = load_font(_SMALL)
    for index, series in enumerate(figure.series):
        colour = _pick_colour(figure, index)
        draw.rounded_rectangle((x, y, x + 15, y + 15), radius=4, fill=colour)
        name = shorten_label(make_legible(series.name, f"{index + 1}"), _SMALL, 180)
        draw.text((x + 24, y + 8), name, FAINT_TEXT_COLOUR, font, anchor="lm")
        x += round(font.getlength(name)) + 52


def _draw_columns(draw: ImageDraw.ImageDraw, figure: Figure, box: Box) -> None:
    ticks = _compute_ticks(figure.max_total, figure.unit)
    marks = [format_figure(tick, figure.unit) for tick in ticks]
    font = load_font(_SMALL)
    left = box.left + round(max(font.getlength(mark) for mark in marks)) + 12
    plot = Box(left, box.top + 22, box.right, box.bottom - 28)
    height = plot.bottom - plot.top
    for tick, mark in zip(ticks, marks, strict=True):
        y = plot.bottom - round(height * tick / ticks[-1])
        draw.line((plot.left, y, plot.right, y), fill=_GRID_COLOUR)
        draw.text((plot.left - 10, y), mark, FAINT_TEXT_COLOUR, font, anchor="rm")
    if figure.labels:
        _draw_bars(draw, figure, plot, ticks[-1])


def _draw_bars(draw: ImageDraw.ImageDraw, figure: Figure, plot: Box, top: int) -> None:
    pitch = (plot.right - plot.left) / len(figure.labels)
    thick = max(1, min(round(pitch * 0.72), 64))
    every = _compute_label_interval(figure, pitch)
    texts, font = _format_totals(figure), load_font(_SMALL)
    all_fit = max(font.getlength(text) for text in texts) < pitch - 2
    peak = max(range(len(figure.labels)), key=figure.get_bar_total)
    for index, label in enumerate(figure.labels):
        middle = plot.left + pitch * (index + 0.5)
        x = round(middle - thick / 2)
        y = _draw_stack(draw, figure, index, Box(x, plot.top, x + thick - 1, plot.bottom), top)
        if figure.get_bar_total(index) and (all_fit or index == peak):
            # clamped, so that the value of a bar at the edge stays within the plot
            half = font.getlength(texts[index]) / 2
            at = min(max(middle, plot.left + half), plot.right - half)
            draw.text((at, y - 4), texts[index], TEXT_COLOUR, font, anchor="ms")
        if index % every == 0:
            name = make_legible(label, str(index + 1))
            draw.text((middle, plot.bottom + 16), name, FAINT_TEXT_COLOUR, font, anchor="mm")


def _format_totals(figure: Figure) -> list[str]:
    return [format_figure(figure.get_bar_total(i), figure.unit) for i in range(len(figure.labels))]


def _draw_stack(draw: ImageDraw.ImageDraw, figure: Figure, index: int, box: Box, top: int) -> int:
    """Draw one column from the bottom, at least 2 pixels per value, and return its top."""
    total, y = 0, box.bottom
    for colour, series in enumerate(figure.series):
        total += series.values[index]
        up = box.bottom - round((box.bottom - box.top) * total / top)
        if series.values[index]:
            up = min(up, y - 2)
            draw.rectangle((box.left, up, box.right, y - 1), fill=_pick_colour(figure, colour))
            y = up
    return y


def _draw_rows(draw: ImageDraw.ImageDraw, figure: Figure, box: Box) -> None:
    texts, font = _format_totals(figure)[:_MAX_ROWS], load_font(_LETTERS)
    value_width = max((font.getlength(text) for text in texts), default=0)
    left = box.left + _NAME_WIDTH + 12
    room = box.right - left - round(value_width) - 10
    pitch = (box.bottom - box.top) / _MAX_ROWS
    thick = round(pitch * 0.62)
    for index, text in enumerate(texts):
        y = round(box.top + pitch * index)
        name = make_legible(figure.labels[index], f"{index + 1}")
        name, middle = shorten_label(name, _LETTERS, _NAME_WIDTH), y + thick / 2
        draw.text((left - 12, middle), name, TEXT_COLOUR, font, anchor="rm")
        end, total = left, 0
        for colour, series in enumerate(figure.series):
            total += series.values[index]
            if series.values[index]:
                to = max(left + round(room * total / figure.max_total), end + 2)
                draw.rectangle((end, y, to - 1, y + thick), fill=_pick_colour(figure, colour))
                end = to
        draw.text((end + 8, middle), text, FAINT_TEXT_COLOUR, font, anchor="lm")


def _compute_ticks(maximum: int, unit: FigureUnit) -> list[int]:
    """Return three to six round axis values, from 0 to at least the maximum."""
    least = 1 if unit is FigureUnit.COUNT else 10_000
    step = least
    factors = (2, 5, 10)
    power = least
    while step * 5 < maximum:  # steps are 1, 2, 5, 10, 20, 50, ... times the least
        step = next(power * factor for factor in factors if power * factor > step)
        if step == power * 10:
            power = step
    count = max(2, -(-maximum // step))
    return [step * i for i in range(count + 1)]


def _compute_label_interval(figure: Figure, pitch: float) -> int:
    """Return the number of bars per label at which labels don't overlap."""
    widest = max(load_font(_SMALL).getlength(make_legible(label, "00")) for label in figure.labels)
    return max(1, -(-round(widest + 10) // max(round(pitch), 1)))
