"""Handlers of buttons, menus and forms, one module per subject."""

from bot.ui.interactions.handlers import (
    gallery,
    member_pages,
    moderation,
    order_form,
    preview,
    result,
    result_menu,
    settings,
)

_MODULES = (
    result,
    preview,
    order_form,
    result_menu,
    member_pages,
    gallery,
    moderation,
    settings,
)
HANDLERS = {action: handler for each in _MODULES for action, handler in each.HANDLERS.items()}
"""The handler of each action, merged from the modules' `HANDLERS`."""
