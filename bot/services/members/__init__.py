"""A member's history, export, erasure and preferences.

What guilds decide is in `services.guilds`.
"""
