"""Every place that hands a picture to Discord is listed here with the decision that it follows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for part in ("bot/ui", "cogs") for path in (ROOT / part).rglob("*.py"))
MAKERS = {"File", "MediaGallery", "MediaGalleryItem", "build_gallery", "open_file", "open_files"}
"""What makes a file or a picture of a message: `discord.File`, components, and our own makers."""
VIEW = "`check_view`, by `get_visible_picture`"
SHARE = "`check_share`, by `show_to_everybody`"
OWN = "the member's own, in private"
CARD = "a card from values that are handed in: their route is listed by itself"
MODERATORS = "`CaseBuilder.build_case`: for moderators, behind a spoiler if anything asks for it"
ROUTES = {
    "bot/ui/channels/guild_channel.py::post_message": "the gallery (`can_publish`), or moderators",
    "bot/ui/channels/picture_channels.py::build_covered_view": "covers what is shown already",
    "bot/ui/channels/picture_channels.py::_cover_item": "covers what is shown already",
    "bot/ui/channels/publisher.py::_edit_reply": "a result to its member: `_can_show_in_place`",
    "bot/ui/channels/publisher.py::_post_message": "a result to its member: `_can_show_in_place`",
    "bot/ui/channels/uploads.py::open_file": CARD,
    "bot/ui/channels/uploads.py::open_files": CARD,
    "bot/ui/interactions/handlers/member_pages.py::export_data": OWN,
    "bot/ui/interactions/handlers/member_pages.py::resend_pictures": "`check_view`",
    "bot/ui/interactions/handlers/result.py::_find_shown_item": VIEW,
    "bot/ui/interactions/handlers/result_menu.py::_edit_response": VIEW,
    "bot/ui/interactions/handlers/result_menu.py::build_message": SHARE,
    "bot/ui/interactions/order_flow.py::show_preview": "`check_sources`, by `open_draft`",
    "bot/ui/interactions/order_group.py::_show_previews": "`check_sources`, by `open_draft`",
    "bot/ui/views/base.py::build_gallery": CARD,
    "bot/ui/views/gallery.py::_build_media_gallery": CARD,
    "bot/ui/views/gallery.py::build_usage_card": "a chart: no picture of a member",
    "bot/ui/views/jobs.py::build_result_card": CARD,
    "bot/ui/views/jobs.py::build_single_picture_card": CARD,
    "bot/ui/views/member_pages.py::build_file_card": CARD,
    "bot/ui/views/member_pages.py::build_media_card": CARD,
    "bot/ui/views/member_pages.py::build_preview_card": CARD,
    "bot/ui/views/moderation.py::build_case_card": MODERATORS,
    "cogs/gallery.py::build_message": SHARE,
    "cogs/moderation.py::_send_cases": MODERATORS,
    "cogs/usage.py::_send_report": "a chart: no picture of a member",
}
"""A new route is added with its decision, and with a test in `tests/acceptance/moderation`."""


def list_calls(node: ast.AST, function: str) -> Iterator[str]:
    """Yield the innermost function around each call that makes a file or a picture."""
    for child in ast.iter_child_nodes(node):
        inside = function
        if isinstance(child, ast.arguments) or child is getattr(node, "returns", None):
            continue  # types
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = child.name
        if isinstance(child, ast.Name | ast.Attribute) and function:
            yield from {function} if _read_name(child) in MAKERS else ()
        yield from list_calls(child, inside)


def _read_name(node: ast.Name | ast.Attribute) -> str:
    """Return a name, also one of a module, but none that is reached through a value."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node.value, ast.Name) else ""


def list_routes() -> set[str]:
    return {
        f"{path.relative_to(ROOT).as_posix()}::{name}"
        for path in SOURCES
        for name in list_calls(ast.parse(path.read_text()), "")
    }


def test_every_route_of_a_picture_is_listed_with_its_decision() -> None:
    found = list_routes()
    assert not found - ROUTES.keys(), "a route without a decision"
    assert not ROUTES.keys() - found, "a route that is no more"


def test_a_decision_is_asked_where_the_list_says_so() -> None:
    asked = {
        "bot/ui/interactions/guards.py": "exposure.check_view",
        "bot/ui/interactions/sharing.py": "exposure.check_share",
        "bot/ui/interactions/handlers/member_pages.py": "exposure.check_view",
        "bot/services/orders/drafts.py": "check_sources",
        "bot/services/orders/checks.py": "exposure.check_sources",
        "bot/services/gallery/gallery.py": "exposure.can_publish",
        "bot/ui/channels/publisher.py": "_can_show_in_place",
    }
    missing = {path for path, call in asked.items() if f"{call}(" not in (ROOT / path).read_text()}
    assert not missing
