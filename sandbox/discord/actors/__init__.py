"""Scripted people of the local Discord, for tests and the page; start at `member` and `guild`."""
