"""Presets: sets of settings for a kind of community."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bot.domain.gallery import GalleryMode
from bot.domain.guild import MenuPolicy


class Preset(StrEnum):
    FAMILY = "family"
    ART = "art"
    ADULTS = "adults"


PRESETS: Final[dict[Preset, dict[str, object]]] = {
    Preset.FAMILY: {
        "tolerance": 0,
        "adult_tolerance": 0,
        "check_content": True,
        "approve_first": True,
        "menu_on_others": MenuPolicy.MODERATORS,
        "gallery_mode": GalleryMode.MANUAL,
    },
    Preset.ART: {
        "tolerance": 2,
        "adult_tolerance": 4,
        "check_content": False,
        "approve_first": False,
        "menu_on_others": MenuPolicy.EVERYONE,
        "gallery_mode": GalleryMode.VOTES,
    },
    Preset.ADULTS: {
        "tolerance": 2,
        "adult_tolerance": 6,
        "check_content": False,
        "approve_first": False,
        "menu_on_others": MenuPolicy.EVERYONE,
        "gallery_mode": GalleryMode.VOTES,
    },
}
"""Values by setting, recorded one by one, so that the log shows what a preset changed."""
