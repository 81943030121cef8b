from __future__ import annotations

import io

import pytest
from PIL import Image, ImageColor

from bot.images.chart import COLOURS, draw_chart
from bot.images.chart_data import ALT_LIMIT, Figure, FigureUnit, Series, format_figure
from bot.images.text import make_legible

DAYS = tuple(f"11-{day:02}" for day in range(1, 31))


def build_days() -> Figure:
    results = tuple(day % 7 for day in range(30))
    return Figure("Per day", DAYS, (Series("results", results), Series("refusals", results[::-1])))


def count_colours(png: bytes) -> dict[tuple[int, ...], int]:
    found = Image.open(io.BytesIO(png)).convert("RGB").getcolors(10**6) or []
    return {colour: count for count, colour in found if isinstance(colour, tuple)}


def test_every_series_has_its_colour_and_as_much_of_it_as_its_values() -> None:
    figure = Figure("x", ("a", "b"), (Series("one", (40, 0)), Series("two", (10, 10))))
    counts = count_colours(draw_chart([figure]).png)
    first, second = (counts[ImageColor.getrgb(colour)] for colour in COLOURS[:2])
    assert first / second == pytest.approx(2, rel=0.1)


def test_what_is_not_nothing_can_be_seen() -> None:
    figure = Figure("x", ("a", "b"), (Series("one", (1_000_000, 0)), Series("two", (0, 1))))
    for lying in (False, True):
        shown = Figure(figure.title, figure.labels, figure.series, is_horizontal=lying)
        counts = count_colours(draw_chart([shown]).png)
        assert counts.get(ImageColor.getrgb(COLOURS[1]), 0) > 100 - 60 * lying


@pytest.mark.parametrize("lying", [False, True])
@pytest.mark.parametrize("unit", list(FigureUnit))
@pytest.mark.parametrize("values", [(), (0,), (0, 0), (1,), (10**13, 1), tuple(range(90))])
def test_any_values_make_a_chart(values: tuple[int, ...], unit: FigureUnit, *, lying: bool) -> None:
    labels = tuple(f"label {index}" for index in range(len(values)))
    made = draw_chart([Figure("title", labels, (Series("x", values),), unit, lying)])
    assert Image.open(io.BytesIO(made.png)).size == (made.size.width, made.size.height)
    assert made.alt.startswith("title")


def test_the_table_holds_every_value_and_the_description_what_fits() -> None:
    made = draw_chart([build_days(), build_days(), build_days()])
    assert made.table.count("11-") == 3 * 30
    assert "11-02: 1 + 0" in made.table
    assert len(made.alt) <= ALT_LIMIT
    assert made.alt.count("Per day") == 3


def test_a_name_that_the_font_cannot_show_is_a_number_that_the_table_explains() -> None:
    assert make_legible("日本太郎", "2") == "2"
    assert make_legible("Jürgen Łoś", "2") == "Jurgen Los"
    assert make_legible("", "2") == "2"
    assert make_legible("a\u202eb\u0000c", "2") == "abc"
    figure = Figure("By member", ("ana", "日本太郎"), (Series("x", (2, 1)),), is_horizontal=True)
    assert "2. 日本太郎: 1" in draw_chart([figure]).table


def test_money_is_written_in_cents() -> None:
    assert format_figure(47_500, FigureUnit.MICRO_USD) == "$0.05"
    assert format_figure(12_350_000, FigureUnit.MICRO_USD) == "$12.35"
    assert format_figure(12_350, FigureUnit.COUNT) == "12,350"


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="one value for each"):
        Figure("x", ("a",), (Series("y", (1, 2)),))
    with pytest.raises(ValueError, match="negative"):
        Figure("x", ("a",), (Series("y", (-1,)),))
    with pytest.raises(ValueError, match="one to six"):
        draw_chart([])
