"""Validation of requests, with Discord's error codes; nothing here changes state."""
