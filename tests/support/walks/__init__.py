"""Random walks over the real bot: what members do, and what they must never come to see.

It knows Discord's side only: messages, pictures, channels. Nothing of the bot is imported but its
settings. Start at `walker`.
"""
