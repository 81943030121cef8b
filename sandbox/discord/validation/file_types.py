"""Validation of `file_types`, by which clients filter what may be chosen as a file."""

from sandbox.discord.model.records import Json
from sandbox.discord.validation.forms import FormField

# Documentation of 2026-08, "File Upload": at most ten groups or extensions with a dot.
MAX_FILE_TYPES = 10
GROUPS = ("image", "video", "audio")
MAX_EXTENSION = 16  # seen by an implementer of a client library; not documented


def read_file_types(raw: FormField) -> Json:
    """Return {"file_types": [...]} or {}; the API never checks an uploaded file against it."""
    field = raw["file_types"]
    if field.raw is None:
        return {}
    for each in field.read_list(1, MAX_FILE_TYPES):
        if not each.check_text(2, MAX_EXTENSION, required=True):
            continue
        if each.raw not in GROUPS and not each.raw.startswith("."):
            message = f"Value must be one of {GROUPS} or an extension with a dot."
            each.add_error("BASE_TYPE_CHOICES", message)
    return {"file_types": field.raw}
