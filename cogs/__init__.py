"""The slash commands, one file per group."""

EXTENSIONS = ("cogs.expand", "cogs.menu", "cogs.own", "cogs.operator")
"""What the bot loads, by name: nothing is discovered."""
