"""Slash commands and the message menu, one module per group; `bot.composition` loads them."""
