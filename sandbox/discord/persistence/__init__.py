"""Keeping the local Discord across restarts, entered through `persistence`."""
