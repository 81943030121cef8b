"""Texts, chart figures and CSV of a guild's usage."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final

from bot.domain.ids import ChannelId, UserId
from bot.domain.ledger import UsageReport, UsageTotals
from bot.domain.money import to_usd
from bot.images.chart_data import Figure, FigureUnit, Series
from bot.ui.i18n.translations import Translations

_MAX_BARS: Final = 8
NameLookup = Callable[[int], str]


def usage_title(_: Translations, first: date, last: date) -> str:
    return "### " + _("Usage from {first} to {last}", first=first, last=last)


def format_summary(_: Translations, total: UsageTotals) -> str:
    """Return the totals in one line."""
    return " · ".join(
        (
            _.ngettext("{count} picture", "{count} pictures", total.results),
            _.format_usd(total.cost),
            _.ngettext("{count} failed", "{count} failed", total.failures),
            _.ngettext("{count} refused", "{count} refused", total.refusals),
        )
    )


def build_figures(
    _: Translations, first: date, last: date, report: UsageReport, get_channel_name: NameLookup
) -> list[Figure]:
    """Return four charts: outcomes and dollars by day, pictures by member and by channel."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    tallies = [report.days.get(day, UsageTotals()) for day in days]
    labels = tuple(f"{day.day}.{day.month}." for day in days)
    outcomes = (
        Series(_("pictures"), tuple(each.results for each in tallies)),
        Series(_("failed"), tuple(each.failures for each in tallies)),
        Series(_("refused"), tuple(each.refusals for each in tallies)),
    )
    get_member_name = partial(_get_member_name, report)
    dollars = (Series(_("dollars"), tuple(int(each.cost) for each in tallies)),)
    return [
        Figure(_("Pictures by day"), labels, outcomes),
        Figure(_("Dollars by day"), labels, dollars, FigureUnit.MICRO_USD),
        _build_ranking(_, _("Pictures by member"), report.members, get_member_name),
        _build_ranking(_, _("Pictures by channel"), report.channels, get_channel_name),
    ]


def render_csv(report: UsageReport, get_channel_name: NameLookup) -> bytes:
    """Return all numbers as CSV, with names that spreadsheets cannot run as formulas."""
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(["kind", "id", "name", "pictures", "failed", "refused", "usd"])
    for day, tally in sorted(report.days.items()):
        rows.writerow(["day", day.isoformat(), "", *_list_numbers(tally)])
    for user, tally in report.members.items():
        name = _escape_formula(_get_member_name(report, user))
        rows.writerow(["member", str(user), name, *_list_numbers(tally)])
    for place, tally in report.channels.items():
        name = _escape_formula(get_channel_name(place))
        rows.writerow(["channel", str(place), name, *_list_numbers(tally)])
    # Excel takes a CSV for UTF-8 only if it starts with a byte order mark
    return out.getvalue().encode("utf-8-sig")


def _build_ranking(
    _: Translations,
    title: str,
    tallies: Mapping[UserId, UsageTotals] | Mapping[ChannelId, UsageTotals],
    get_name: NameLookup,
) -> Figure:
    most = sorted(tallies.items(), key=lambda item: -item[1].results)[:_MAX_BARS]
    labels = tuple(get_name(key) for key, _ in most)
    values = tuple(tally.results for _, tally in most)
    return Figure(title, labels, (Series(_("pictures"), values),), is_horizontal=True)


def _get_member_name(report: UsageReport, user: int) -> str:
    return report.names.get(UserId(user), str(user))


def _list_numbers(tally: UsageTotals) -> tuple[int, int, int, str]:
    return tally.results, tally.failures, tally.refusals, str(to_usd(tally.cost))


def _escape_formula(name: str) -> str:
    """Prefix a name that a spreadsheet would read as a formula."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name
