"""The slash commands, one file per group."""

EXTENSIONS = (
    "cogs.expand",
    "cogs.menu",
    "cogs.own",
    "cogs.operator",
    "cogs.gallery",
    "cogs.settings",
    "cogs.moderation",
    "cogs.usage",
)
"""What the bot loads, by name: nothing is discovered."""
