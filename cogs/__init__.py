"""The slash commands, one file per group; `bot.client` names those that are loaded."""
