"""The slash commands, one file per group."""

EXTENSIONS = ("cogs.expand", "cogs.quota")
"""What the bot loads, by name: nothing is discovered."""
