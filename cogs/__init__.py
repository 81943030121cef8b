"""The slash commands, one file per group; `bot.ui.client` names those that are loaded."""
