"""What a guild has settled for itself; a setting that is absent is the operator's."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.ids import RoleId
from bot.domain.money import MicroUsd
from bot.domain.problems import SettingRefused

MAX_TOLERANCE: Final = 6
"""The laxest safety tolerance that the model takes (reference of the vendor's parameters)."""
MAX_RESULTS: Final = 20
"""Pictures per request that the provider takes at most."""
_MAX_TIERS: Final = 25
"""As many as one of Discord's selects can show."""


@dataclass(frozen=True, slots=True)
class RoleTier:
    """Members with this role may have `results_per_day` pictures made."""

    role: RoleId
    results_per_day: int


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """Every setting of a guild, each with its default; None leaves it to the operator.

    Caps only narrow what the operator allows. Raises `SettingRefused` for a value that cannot be.
    A new setting is a new field: values are stored by name, so no migration is needed.
    """

    tolerance: int = 2
    """Ceiling of the safety tolerance, 0 (strict) to 6; a request may only lower it."""
    results_per_user_day: int | None = None
    usd_per_user_month: MicroUsd | None = None
    role_tiers: tuple[RoleTier, ...] = ()
    """A member has the best of these and of `results_per_user_day`."""
    usd_per_month: MicroUsd | None = None
    results_per_command: int | None = None
    preview_above: MicroUsd | None = None
    """A price above this is shown before it is paid; None shows it on request alone."""
    language: str = ""
    """A Discord locale for what everybody reads; empty follows the member who asked."""
    time_zone: str = "UTC"
    """The IANA zone whose midnight begins a day."""

    def __post_init__(self) -> None:
        _within("tolerance", self.tolerance, 0, MAX_TOLERANCE)
        _within("results_per_command", self.results_per_command, 1, MAX_RESULTS)
        for name in (
            "results_per_user_day",
            "usd_per_user_month",
            "usd_per_month",
            "preview_above",
        ):
            _within(name, getattr(self, name), 0, 10**12)
        if len(self.role_tiers) > _MAX_TIERS:
            raise SettingRefused("role_tiers", str(len(self.role_tiers)), f"at most {_MAX_TIERS}")
        for tier in self.role_tiers:
            _within("role_tiers", tier.results_per_day, 0, 10**6)
        _known_zone(self.time_zone)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


SETTINGS: Final = tuple(field.name for field in fields(GuildSettings))


def with_setting(settings: GuildSettings, name: str, value: object) -> GuildSettings:
    """Change one setting by its name; raise `SettingRefused` for an unknown name or a bad value."""
    if name not in SETTINGS:
        raise SettingRefused(name, str(value), "there is no such setting")
    return replace(settings, **{name: value})  # type: ignore[arg-type] # the name decides the type


def _within(name: str, value: object, lowest: int, highest: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise SettingRefused(name, str(value), f"from {lowest} to {highest}")


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingRefused("time_zone", name, "not a zone of the tz database") from error
