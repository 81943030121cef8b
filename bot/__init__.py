"""Expanse: a Discord bot that extends pictures beyond their frame."""
