"""Stored seed images and results, and the files made from them.

Decoding and drawing are in `bot.images`.
"""
