"""A guild's settings and what happens when the bot joins or leaves it.

Members' own data is in `services.members`.
"""
