"""From an interaction to a service call and its answer, entered through `router`.

Slash commands are in `cogs`.
"""
