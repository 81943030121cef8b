"""How the bot reaches channels of Discord: posting results, gallery, moderators.

What is posted is built in views.
"""
