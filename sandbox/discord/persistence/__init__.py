"""Persistence of the local Discord across restarts."""
