"""Random walks over the real bot: what members do, and what they must never see.

The rules know only Discord's side: messages, pictures, channels. The bot's code is imported only to
run it. Start at `walker`.
"""
