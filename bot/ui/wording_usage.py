"""What the page of a guild's usage says, and its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final

from bot.domain.ids import ChannelId, UserId
from bot.domain.money import to_usd
from bot.domain.usage import Tally, UsageReport
from bot.images.figures import Figure, Series, Unit
from bot.ui.speech import Speech

_BARS: Final = 8
Name = Callable[[int], str]


def title(say: Speech, first: date, last: date) -> str:
    return "### " + say("Usage from {first} to {last}", first=first, last=last)


def summary(say: Speech, total: Tally) -> str:
    """Write the sums in one line."""
    return " · ".join(
        (
            say.many("{count} picture", "{count} pictures", total.results),
            say.usd(total.cost),
            say.many("{count} failed", "{count} failed", total.failures),
            say.many("{count} refused", "{count} refused", total.refusals),
        )
    )


def figures(
    say: Speech, first: date, last: date, report: UsageReport, channel: Name
) -> list[Figure]:
    """Return four figures: outcomes and dollars by day, pictures by member and by channel."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    tallies = [report.days.get(day, Tally()) for day in days]
    labels = tuple(f"{day.day}.{day.month}." for day in days)
    outcomes = (
        Series(say("pictures"), tuple(each.results for each in tallies)),
        Series(say("failed"), tuple(each.failures for each in tallies)),
        Series(say("refused"), tuple(each.refusals for each in tallies)),
    )
    dollars = (Series(say("dollars"), tuple(int(each.cost) for each in tallies)),)
    return [
        Figure(say("Pictures by day"), labels, outcomes),
        Figure(say("Dollars by day"), labels, dollars, Unit.MICRO_USD),
        _ranked(say, say("Pictures by member"), report.members, partial(_member, report)),
        _ranked(say, say("Pictures by channel"), report.channels, channel),
    ]


def as_csv(report: UsageReport, channel: Name) -> bytes:
    """Write all numbers as a table that spreadsheets read; names cannot become formulas."""
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(["kind", "id", "name", "pictures", "failed", "refused", "usd"])
    for day, tally in sorted(report.days.items()):
        rows.writerow(["day", day.isoformat(), "", *_numbers(tally)])
    for user, tally in report.members.items():
        rows.writerow(["member", str(user), _tame(_member(report, user)), *_numbers(tally)])
    for place, tally in report.channels.items():
        rows.writerow(["channel", str(place), _tame(channel(place)), *_numbers(tally)])
    return out.getvalue().encode("utf-8-sig")


def _ranked(
    say: Speech,
    called: str,
    tallies: Mapping[UserId, Tally] | Mapping[ChannelId, Tally],
    name: Name,
) -> Figure:
    most = sorted(tallies.items(), key=lambda item: -item[1].results)[:_BARS]
    labels = tuple(name(key) for key, _ in most)
    values = tuple(tally.results for _, tally in most)
    return Figure(called, labels, (Series(say("pictures"), values),), lying=True)


def _member(report: UsageReport, user: int) -> str:
    return report.names.get(UserId(user), str(user))


def _numbers(tally: Tally) -> tuple[int, int, int, str]:
    return tally.results, tally.failures, tally.refusals, str(to_usd(tally.cost))


def _tame(name: str) -> str:
    """Keep a name from being read as a formula."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name
