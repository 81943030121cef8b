"""Stored seed images and results, and what is made from them.

Decoding and drawing are in `bot.images`.
"""
