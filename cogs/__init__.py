"""The slash commands, one file per group."""

EXTENSIONS = ("cogs.expand", "cogs.menu", "cogs.own")
"""What the bot loads, by name: nothing is discovered."""
