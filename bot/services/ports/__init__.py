"""Protocols and values through which services use Discord and the dispatcher.

Implementations are in `bot.ui` and `services.jobs`.
"""
