"""File types of pictures, by which Discord's client filters what may be chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from discord import AppCommandOptionType, ui

PICTURE_TYPES: Final = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif")
"""The extensions of the formats that validation accepts; Discord takes ten at most."""


class PictureUpload(ui.FileUpload[Any]):
    """An upload field for pictures; discord.py 2.7 does not know `file_types`."""

    def to_component_dict(self) -> Any:
        return {**super().to_component_dict(), "file_types": list(PICTURE_TYPES)}


def add_file_types(options: Iterable[dict[str, Any]]) -> None:
    """Set the file types of each attachment option of a command's payload."""
    for option in options:
        if option["type"] == AppCommandOptionType.attachment.value:
            option["file_types"] = list(PICTURE_TYPES)
        add_file_types(option.get("options", ()))
