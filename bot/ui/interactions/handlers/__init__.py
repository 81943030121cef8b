"""What answers each button, menu and form, one module per subject, each with a table `HANDLERS`."""

from bot.ui.interactions.handlers import (
    gallery,
    member_pages,
    moderation,
    preview,
    result,
    result_menu,
    settings,
)

_MODULES = (result, preview, result_menu, member_pages, gallery, moderation, settings)
HANDLERS = {action: handler for each in _MODULES for action, handler in each.HANDLERS.items()}
"""What answers each action of a component or form."""
