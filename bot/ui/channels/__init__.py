"""Posting to Discord's channels: results, the gallery, moderators' cards.

The messages are built in `bot.ui.views`.
"""
