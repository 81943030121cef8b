"""Moderation of members and results; checking an interaction's permissions is in `bot.ui`."""
