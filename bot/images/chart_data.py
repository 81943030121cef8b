"""The data of a chart, and its text form for alt text and for names the font can't draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.domain.money import MicroUsd, format_usd

ALT_LIMIT: Final = 1024
"""Characters of an attachment's description (Discord's API reference, attachment object)."""
_ELLIPSIS: Final = "..."


class FigureUnit(Enum):
    COUNT = "count"
    MICRO_USD = "micro-dollars"


@dataclass(frozen=True, slots=True)
class Series:
    """A figure's series: its name in the legend, and a value of at least 0 for each label."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A stacked bar chart with one bar for each label: vertical for time, horizontal for names.

    Values are integers, money in micro-dollars.
    """

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: FigureUnit = FigureUnit.COUNT
    is_horizontal: bool = False

    def __post_init__(self) -> None:
        if any(len(series.values) != len(self.labels) for series in self.series):
            msg = f"every series of {self.title!r} needs one value for each of its labels"
            raise ValueError(msg)
        if any(value < 0 for series in self.series for value in series.values):
            raise ValueError(f"the bars of {self.title!r} cannot be negative")

    def get_bar_total(self, index: int) -> int:
        """Return the sum over all series of one bar."""
        return sum(series.values[index] for series in self.series)

    @property
    def max_total(self) -> int:
        return max((self.get_bar_total(index) for index in range(len(self.labels))), default=0)


def format_figure(value: int, unit: FigureUnit) -> str:
    if unit is FigureUnit.COUNT:
        return f"{value:,}"
    # rounded to cents: less than that isn't visible in a bar
    return format_usd(MicroUsd(round(value, -4)))


def format_table(figures: Sequence[Figure]) -> str:
    """Format every figure as lines of text, one for each bar that isn't empty."""
    return "\n\n".join("\n".join(_format_lines(figure)) for figure in figures)


def format_alt_text(figures: Sequence[Figure]) -> str:
    """Format the tables within `ALT_LIMIT`, with equal room for each figure."""
    room = ALT_LIMIT // max(len(figures), 1) - 2
    parts = [_truncate_lines(_format_lines(figure), room) for figure in figures]
    return "\n\n".join(parts)[:ALT_LIMIT]


def _format_lines(figure: Figure) -> list[str]:
    names = " + ".join(series.name for series in figure.series)
    lines = [f"{figure.title} ({names})" if len(figure.series) > 1 else figure.title]
    for index, label in enumerate(figure.labels):
        if figure.get_bar_total(index):
            values = (format_figure(series.values[index], figure.unit) for series in figure.series)
            # the picture shows this number where the font can't draw the name
            place = f"{index + 1}. " if figure.is_horizontal else ""
            lines.append(f"{place}{label}: {' + '.join(values)}")
    return lines if len(lines) > 1 else [*lines, format_figure(0, figure.unit)]


def _truncate_lines(lines: Sequence[str], room: int) -> str:
    text = "\n".join(lines)
    if len(text) <= room:
        return text
    cut = text[: room - len(_ELLIPSIS) - 1]
    return f"{cut[: cut.rfind(chr(10))] if chr(10) in cut else cut}\n{_ELLIPSIS}"
