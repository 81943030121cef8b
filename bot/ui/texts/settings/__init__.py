"""Texts of settings: in the panel, in commands, in the log."""
